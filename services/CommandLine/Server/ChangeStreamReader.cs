using System.Net;
using System.Text;

namespace TaggingPipeline.CommandLine.Server;

/// <param name="Position">Where to go on behind it.</param>
/// <param name="Data">The envelope; null where only a position was told.</param>
internal readonly record struct StreamedChange(string Position, string? Data);

/// <summary>Reads one connection's server-sent events.</summary>
/// <remarks>
/// Not with the framework's parser, which tells positions only with events: with a filter that seldom fits, one would resume far behind.
/// https://html.spec.whatwg.org/multipage/server-sent-events.html
/// </remarks>
internal sealed class ChangeStreamReader(ApiClient client)
{
    /// <summary>The server tells something every 15 s; a line that is silent for longer is dead.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(50);

    /// <summary>Goes on until the connection ends, as it may at any time.</summary>
    /// <param name="lastEventId">Null to start from now, or where the path says.</param>
    /// <exception cref="CommandException">The server refuses, and will again.</exception>
    /// <exception cref="IOException">The connection broke, was silent for too long, or the server is away or busy.</exception>
    public async IAsyncEnumerable<StreamedChange> ReadAsync(
        string path, string? lastEventId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await OpenAsync(path, lastEventId, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var lines = new StreamReader(body, Encoding.UTF8);
        var (id, data) = (lastEventId, (StringBuilder?)null);
        while (await NextLineAsync(lines, cancellationToken) is { } line)
        {
            if (line.Length == 0)
            {
                if (id is not null)
                    yield return new(id, data?.ToString());
                data = null;
            }
            else if (FieldOf(line, "id") is { } position)
            {
                id = position;
            }
            else if (FieldOf(line, "data") is { } text)
            {
                data = data is null ? new(text) : data.Append('\n').Append(text);
            }
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(string path, string? lastEventId, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await client.OpenAsync(path, lastEventId, cancellationToken);
        }
        catch (HttpRequestException failure)
        {
            throw new IOException($"{client.Url} cannot be reached: {failure.Message}", failure);
        }

        if (response.IsSuccessStatusCode)
            return response;
        using (response)
        {
            var refusal = await client.RefusalAsync(response, cancellationToken);
            throw (int)response.StatusCode >= 500 || response.StatusCode is HttpStatusCode.TooManyRequests ? new IOException(refusal.Message) : refusal;
        }
    }

    private static async Task<string?> NextLineAsync(StreamReader lines, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LongestSilence);
        try
        {
            return await lines.ReadLineAsync(limit.Token);
        }
        catch (OperationCanceledException silent) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"the server told nothing for {LongestSilence.TotalSeconds} s", silent);
        }
        catch (HttpRequestException broken)
        {
            throw new IOException(broken.Message, broken);
        }
    }

    private static string? FieldOf(string line, string name) =>
        line.StartsWith(name, StringComparison.Ordinal) && line.AsSpan(name.Length) is [':', .. var value] ? value.StartsWith(" ") ? value[1..].ToString() : value.ToString() : null;
}
