using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Pipeline.Specs.Processes;

namespace TaggingPipeline.Pipeline.Specs.Webhooks;

/// <summary>One request that a receiver got.</summary>
internal sealed record Received(string Id, long Timestamp, string Signature, string ContentType, byte[] Body, int Status)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

    /// <summary>The changes in it.</summary>
    public IEnumerable<JsonElement> Changes => Json.ValueKind == JsonValueKind.Array ? Json.EnumerateArray() : [Json];

    public IEnumerable<string> ChangeIds => Changes.Select(change => change.GetProperty("id").GetString()!);

    public string Text => Encoding.UTF8.GetString(Body);
}

/// <summary>Somebody's server on a loopback port, which keeps what it is sent, and answers as it is told.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<Received> _received = new();
    private readonly WebApplication _app;

    private WebhookReceiver(WebApplication app) => _app = app;

    /// <summary>What it answers: a status, and headers besides if it sets them. By default 204.</summary>
    public Func<HttpContext, Received, Task<int>> Answer { get; set; } = (_, _) => Task.FromResult(StatusCodes.Status204NoContent);

    public string Url => _app.Urls.Single() + "/hook";

    /// <summary>Every request that was answered, in the order of the answers.</summary>
    public IReadOnlyList<Received> All => [.. _received];

    /// <summary>Those that were taken.</summary>
    public IReadOnlyList<Received> Taken => [.. _received.Where(each => each.Status is >= 200 and < 300)];

    public static async Task<WebhookReceiver> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        var receiver = new WebhookReceiver(app);
        app.Run(receiver.ReceiveAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Waits until so many requests were taken.</summary>
    public async Task<IReadOnlyList<Received>> TakenAsync(int count)
    {
        await Eventually.HoldsAsync($"{count} deliveries are taken", Patience, () => Task.FromResult(Taken.Count >= count));
        return Taken;
    }

    /// <summary>Waits until so many requests were answered, whatever with.</summary>
    public async Task<IReadOnlyList<Received>> AnsweredAsync(int count)
    {
        await Eventually.HoldsAsync($"{count} requests are answered", Patience, () => Task.FromResult(_received.Count >= count));
        return All;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers;
        var received = new Received(
            headers["webhook-id"].ToString(), long.Parse(headers["webhook-timestamp"].ToString()), headers["webhook-signature"].ToString(), context.Request.ContentType!, body.ToArray(), 0);
        var status = await Answer(context, received);
        _received.Enqueue(received with { Status = status });
        context.Response.StatusCode = status;
    }
}
