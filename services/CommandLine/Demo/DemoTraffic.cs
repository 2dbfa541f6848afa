using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace TaggingPipeline.CommandLine.Demo;

/// <summary>Lets the simulated shop run against a server, over HTTP, at a gentle rate, until it is told to stop.</summary>
internal sealed class DemoTraffic : IDisposable
{
    private const int Seed = 20260101;
    private const int Customers = 60;
    private const int EventsInBatch = 3;

    private static readonly TimeSpan BetweenBatches = TimeSpan.FromMilliseconds(250);

    private readonly HttpClient _http;
    private readonly TimeProvider _clock;
    private readonly TextWriter _notes;
    private bool _isTroubled;

    public DemoTraffic(Uri server, string writeKey, TimeProvider clock, TextWriter notes)
    {
        _http = new HttpClient { BaseAddress = server, Timeout = TimeSpan.FromSeconds(10) };
        _http.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{writeKey}:")));
        _clock = clock;
        _notes = notes;
    }

    /// <summary>The demo rulebook, which lies beside the program.</summary>
    public static string RulebookPath => Path.Combine(AppContext.BaseDirectory, "demo-shop.yaml");

    /// <summary>Waits until the server is ready, and then sends until cancelled. A server that is busy or away is tried again for ever.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // The name tells this run's events from those of earlier runs in the same store.
        var run = string.Create(CultureInfo.InvariantCulture, $"demo-{_clock.GetUtcNow().ToUnixTimeSeconds()}");
        var shop = new SimulatedShop(Seed, Customers, run);
        using var timer = new PeriodicTimer(BetweenBatches, _clock);
        try
        {
            while (!await IsReadyAsync(cancellationToken))
                await timer.WaitForNextTickAsync(cancellationToken);
            await _notes.WriteLineAsync($"demo: a simulated shop of {Customers} customers sends about {EventsInBatch / BetweenBatches.TotalSeconds:0} events a second");
            while (await timer.WaitForNextTickAsync(cancellationToken))
                await SendAsync([.. Enumerable.Range(0, EventsInBatch).Select(_ => shop.Next(_clock.GetUtcNow()))], cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri("/health/ready", UriKind.Relative), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (Exception failure) when (IsTrouble(failure, cancellationToken))
        {
            // Not listening yet.
            return false;
        }
    }

    private async Task SendAsync(SimulatedEvent[] events, CancellationToken cancellationToken)
    {
        using var body = new ByteArrayContent(SimulatedEvent.ToSegmentBatch(events, _clock.GetUtcNow()));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using var response = await _http.PostAsync(new Uri("/v1/batch", UriKind.Relative), body, cancellationToken);
            await NoteTroubleAsync(response.IsSuccessStatusCode ? null : $"answered {(int)response.StatusCode}");
        }
        catch (Exception failure) when (IsTrouble(failure, cancellationToken))
        {
            await NoteTroubleAsync($"cannot be reached: {failure.Message}");
        }
    }

    /// <summary>The server is away, or too slow.</summary>
    private static bool IsTrouble(Exception failure, CancellationToken cancellationToken) =>
        failure is HttpRequestException || (failure is TaskCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>Tells when trouble begins, not each time that it goes on.</summary>
    private async Task NoteTroubleAsync(string? trouble)
    {
        if (trouble is not null && !_isTroubled)
            await _notes.WriteLineAsync($"demo: the server {trouble}");
        _isTroubled = trouble is not null;
    }
}
