using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Ingestion;
using TaggingPipeline.Ingestion.Safekeeping;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.ServiceDefaults.Bus;
using TaggingPipeline.ServiceDefaults.Settings;

namespace TaggingPipeline.Pipeline.Specs.Ingestion;

/// <summary>The ingestion endpoints on a free port of the loopback, with nothing behind them but a recorder.</summary>
internal sealed class IngestionHost : IAsyncDisposable
{
    public const string WriteKey = "shop-key";
    public const string ApiKey = "admin-key";

    private readonly WebApplication _application;

    private IngestionHost(WebApplication application, RecordingSender sender, ManualClock clock)
    {
        _application = application;
        Sender = sender;
        Clock = clock;
        Client = new(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 }) { BaseAddress = new(application.Urls.Single()) };
    }

    public static DateTimeOffset Start { get; } = At("2026-03-01T12:00:00Z");

    public RecordingSender Sender { get; }

    public ManualClock Clock { get; }

    public HttpClient Client { get; }

    public static async Task<IngestionHost> StartAsync(
        int eventsPerSecond = 0, GroupLimits? limits = null, IJournal? journal = null, EventQueues? queues = null, Action<IApplicationBuilder>? before = null)
    {
        var sender = new RecordingSender();
        var clock = new ManualClock(Start);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.Configure<TaggingSettings>(settings =>
        {
            settings.WriteKeys = $"other-key, {WriteKey}";
            settings.ApiKeys = ApiKey;
            settings.EventsPerSecond = eventsPerSecond;
        });
        builder.Services.AddSingleton<ISafeSender>(sender);
        builder.Services.AddSingleton(queues ?? EventQueues.One);
        builder.Services.AddSingleton<TimeProvider>(clock);
        if (limits is not null)
            builder.Services.AddSingleton(limits);
        if (journal is not null)
            builder.Services.AddSingleton(journal);
        builder.Services.AddIngestion();
        var application = builder.Build();
        before?.Invoke(application);
        application.MapIngestion();
        await application.StartAsync();
        return new(application, sender, clock);
    }

    public static DateTimeOffset At(string instant) => DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture);

    public static byte[] Gzip(byte[] body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(body);
        return packed.ToArray();
    }

    /// <summary>Sends a tracking request with the write key, asking what became of each event.</summary>
    public Task<Answer> TrackAsync(string path, string json) => TrackAsync(path, Encoding.UTF8.GetBytes(json));

    public Task<Answer> TrackAsync(string path, byte[] body, string? contentEncoding = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Headers.Authorization = Basic($"{WriteKey}:");
        request.Headers.Add("Prefer", "return=representation");
        if (contentEncoding is not null)
            request.Content.Headers.ContentEncoding.Add(contentEncoding);
        return SendAsync(request);
    }

    public Task<Answer> ImportAsync(string body, string? key = ApiKey) => ImportAsync(Encoding.UTF8.GetBytes(body), key);

    public Task<Answer> ImportAsync(byte[] body, string? key = ApiKey)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/import") { Content = new ByteArrayContent(body) };
        if (key is not null)
            request.Headers.Authorization = new("Bearer", key);
        return SendAsync(request);
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new(response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, text);
    }

    public static AuthenticationHeaderValue Basic(string user) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user)));

    public Task StopAsync() => _application.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Sender.Release();
        Client.Dispose();
        await _application.DisposeAsync();
    }

    /// <summary>Waits until it holds; fails when it doesn't within ten seconds.</summary>
    public static async Task UntilAsync(Func<bool> holds, string what)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!holds())
        {
            if (deadline.IsCancellationRequested)
                Assert.Fail($"waited ten seconds in vain until {what}");
            await Task.Delay(5, CancellationToken.None);
        }
    }
}

/// <summary>An answer, read to its end.</summary>
internal sealed record Answer(HttpStatusCode Status, HttpResponseHeaders Headers, string? MediaType, string Text)
{
    public JsonElement Json => JsonElement.Parse(Text);

    /// <summary>What became of each event: its messageId and, of a rejected one, the code.</summary>
    public string[] Outcomes =>
    [
        .. Json.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("status").GetString() == "accepted"
            ? "accepted"
            : result.GetProperty("code").GetString()!),
    ];
}
