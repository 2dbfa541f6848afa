using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace TaggingPipeline.Benchmarks.Webhooks;

/// <summary>Subscribers in one server: those under <c>/counted</c> note how late a change is, those under <c>/broken</c> answer 500.</summary>
internal sealed class BenchmarkReceiver : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, long> _sentAt = new();
    private readonly ConcurrentQueue<double> _latencies = new();
    private readonly WebApplication _app;

    private BenchmarkReceiver(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    public int Count => _latencies.Count;

    public static async Task<BenchmarkReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new BenchmarkReceiver(app);
        app.Run(receiver.ReceiveAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Events of these customers are sent now.</summary>
    public void Expect(IEnumerable<string> customers)
    {
        var now = Stopwatch.GetTimestamp();
        foreach (var customer in customers)
            _sentAt[customer] = now;
    }

    public List<double> Latencies() => [.. _latencies];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        if (context.Request.Path.StartsWithSegments("/broken"))
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        else if (context.Request.Path.StartsWithSegments("/counted") && _sentAt.TryGetValue(body.RootElement.GetProperty("subject").GetString()!, out var sentAt))
            _latencies.Enqueue(Stopwatch.GetElapsedTime(sentAt).TotalMilliseconds);
    }
}
