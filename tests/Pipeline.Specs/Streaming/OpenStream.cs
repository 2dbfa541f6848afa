using System.Net;
using System.Text.Json;

namespace TaggingPipeline.Pipeline.Specs.Streaming;

/// <summary>A block of a stream: an event, a telling of how far it was read, or a comment.</summary>
internal sealed record StreamBlock(string? Id, string? Event, string? Data, bool IsComment)
{
    public string ChangeId => JsonDocument.Parse(Data!).RootElement.GetProperty("id").GetString()!;
}

/// <summary>A stream of changes as its lines come over the wire.</summary>
internal sealed class OpenStream(HttpResponseMessage response, StreamReader lines) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public HttpResponseMessage Response => response;

    public static async Task<OpenStream> OpenAsync(HttpClient client, string path, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return new(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    /// <returns>Null when the stream has ended.</returns>
    public async Task<StreamBlock?> NextAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        var block = new StreamBlock(null, null, null, IsComment: false);
        while (await lines.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Length == 0)
                return block;
            block = line[..(line.IndexOf(':', StringComparison.Ordinal) + 1)] switch
            {
                "id:" => block with { Id = line[4..] },
                "event:" => block with { Event = line[7..] },
                "data:" => block with { Data = line[6..] },
                ":" => block with { IsComment = true },
                "retry:" => block,
                _ => throw new FormatException($"What is `{line}`?"),
            };
        }

        return null;
    }

    /// <summary>So many events, whatever comes between.</summary>
    public async Task<List<StreamBlock>> EventsAsync(int count)
    {
        var events = new List<StreamBlock>();
        while (events.Count < count && await NextAsync() is { } block)
        {
            if (block.Data is not null)
                events.Add(block);
        }

        return events;
    }

    public ValueTask DisposeAsync()
    {
        lines.Dispose();
        response.Dispose();
        return ValueTask.CompletedTask;
    }
}
