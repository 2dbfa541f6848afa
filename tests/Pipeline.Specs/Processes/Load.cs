using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.ServiceDefaults.Settings;

namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>A shop that keeps sending, and sends a request again until it is acknowledged.</summary>
public sealed class Load : IAsyncDisposable
{
    private const int Senders = 6;

    private static readonly AuthenticationHeaderValue WriteKey =
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(TaggingSettings.DevelopmentWriteKey + ":")));

    private static readonly TimeSpan BeforeNextTry = TimeSpan.FromMilliseconds(50);

    private readonly ShopEvents _events;
    private readonly Uri _target;
    private readonly TimeSpan _pause;
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(40) };
    private readonly CancellationTokenSource _enough = new();
    private readonly CancellationTokenSource _abandoned = new();
    private readonly ConcurrentBag<int> _acknowledged = [];
    private readonly Task[] _senders;
    private int _next = -1;
    private int _failures;

    private Load(ShopEvents events, string url, TimeSpan pause)
    {
        (_events, _target, _pause) = (events, new Uri($"{url}/v1/batch"), pause);
        _senders = [.. Enumerable.Range(0, Senders).Select(_ => SendAsync())];
    }

    /// <summary>How many batches were acknowledged so far.</summary>
    public int Acknowledged => _acknowledged.Count;

    /// <summary>How many tries were not acknowledged.</summary>
    public int Failures => _failures;

    /// <param name="pause">How long each of the six senders waits between an acknowledgement and its next request.</param>
    public static Load Start(ShopEvents events, string url, TimeSpan pause) => new(events, url, pause);

    /// <summary>Sends the events of these batches once more, many at a time, to a server that is not disturbed.</summary>
    public static async Task SendAllAsync(ShopEvents events, IEnumerable<int> batches, string url)
    {
        using var client = new HttpClient();
        foreach (var some in batches.Chunk(40))
        {
            using var response = await PostAsync(client, new Uri($"{url}/v1/batch"), events.Request(some), CancellationToken.None);
            response.EnsureSuccessStatusCode();
        }
    }

    /// <summary>Begins nothing new, and returns when all that was begun is acknowledged.</summary>
    /// <returns>The batches, ascending.</returns>
    public async Task<IReadOnlyList<int>> StopAsync()
    {
        await _enough.CancelAsync();
        await Task.WhenAll(_senders).WaitAsync(TimeSpan.FromSeconds(120));
        return [.. _acknowledged.Order()];
    }

    public async ValueTask DisposeAsync()
    {
        await _enough.CancelAsync();
        await _abandoned.CancelAsync();
        await Task.WhenAll(_senders).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
        _enough.Dispose();
        _abandoned.Dispose();
    }

    private async Task SendAsync()
    {
        while (!_enough.IsCancellationRequested)
        {
            var batch = Interlocked.Increment(ref _next);
            var request = _events.Request(batch);
            while (!await TryAsync(request))
            {
                Interlocked.Increment(ref _failures);
                await Task.Delay(BeforeNextTry, _abandoned.Token);
            }

            _acknowledged.Add(batch);
            await Task.Delay(_pause, _abandoned.Token);
        }
    }

    private async Task<bool> TryAsync(byte[] request)
    {
        try
        {
            using var response = await PostAsync(_client, _target, request, _abandoned.Token);
            if (response.StatusCode is HttpStatusCode.OK)
                return true;
            if ((int)response.StatusCode < 500)
                throw new InvalidOperationException($"The server refused sound events: {response.StatusCode}, {await response.Content.ReadAsStringAsync()}");
            return false;
        }
        catch (HttpRequestException)
        {
            return false; // killed, or not listening yet
        }
        catch (TaskCanceledException) when (!_abandoned.IsCancellationRequested)
        {
            return false; // no answer in time
        }
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, Uri target, byte[] request, CancellationToken cancellationToken)
    {
        var content = new ByteArrayContent(request);
        content.Headers.ContentType = new("application/json");
        return client.SendAsync(new HttpRequestMessage(HttpMethod.Post, target) { Content = content, Headers = { Authorization = WriteKey } }, cancellationToken);
    }
}
