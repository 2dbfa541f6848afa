using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

/// <summary>A server on loopback that takes imports as the real one answers them, keeps them in memory, and can be told to misbehave.</summary>
internal sealed class ImportStub : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _requests;

    private ImportStub(WebApplication app) => _app = app;

    /// <summary>The events by customer and id, as they were sent.</summary>
    public ConcurrentDictionary<(string Customer, string Id), JsonElement> Events { get; } = new();

    /// <summary>How many events each request carried.</summary>
    public ConcurrentQueue<int> Requests { get; } = new();

    /// <summary>The Authorization header of the last request.</summary>
    public string? Authorization { get; private set; }

    /// <summary>What to answer instead of taking a request; 200 to take it, 0 to break the connection off. Given the number of the request, from 1.</summary>
    public Func<int, int> Answer { get; set; } = _ => 200;

    /// <summary>Events to reject, with the reason.</summary>
    public Func<JsonElement, string?> Reject { get; set; } = _ => null;

    public string Url => _app.Urls.Single();

    public static async Task<ImportStub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var stub = new ImportStub(app);
        app.MapPost("/api/import", (Delegate)stub.TakeAsync);
        await app.StartAsync();
        return stub;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var lines = (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Authorization = context.Request.Headers.Authorization;
        Requests.Enqueue(lines.Length);
        var status = Answer(Interlocked.Increment(ref _requests));
        if (status == 0)
            context.Abort();
        if (status != 200)
            return Results.Problem("as the test asked for", statusCode: status == 0 ? 500 : status);

        var (accepted, duplicate) = (0, 0);
        var rejected = new List<object>();
        foreach (var (index, line) in lines.Index())
        {
            var taken = JsonElement.Parse(line);
            if (Reject(taken) is { } reason)
                rejected.Add(new { index, code = "unwanted", reason });
            else if (Events.TryAdd((taken.GetProperty("customerId").GetString()!, taken.GetProperty("eventId").GetString()!), taken))
                accepted++;
            else
                duplicate++;
        }

        return Results.Ok(new { accepted, duplicate, rejected = rejected.Count, results = rejected });
    }
}
