using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Projection.Streaming;

/// <summary>How often a stream tells something, though no change fits.</summary>
/// <param name="Comment">The longest silence.</param>
/// <param name="Progress">The shortest time between two tellings of how far it was read.</param>
internal sealed record StreamPace(TimeSpan Comment, TimeSpan Progress)
{
    public static StreamPace Usual { get; } = new(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(1));
}

/// <summary>The feed as server-sent events, for as long as reader and host last.</summary>
/// <remarks>
/// https://html.spec.whatwg.org/multipage/server-sent-events.html. An event's id is its position in the feed. An id without data, which dispatches no event, moves only the place at which
/// the reader resumes: the first says where the stream starts, later ones how far a filter has looked. A page at a time is read and written, so that whoever reads slowly holds up nothing but
/// the own stream.
/// </remarks>
internal sealed class ChangeStream(ChangeFilter filter, string? customer, long after) : IResult
{
    private const int PageSize = 200;

    /// <summary>As many as are looked at together: what is read beyond a page would have to be read again.</summary>
    private const int FilteredPageSize = 1000;

    /// <summary>How many events are written before the reader is waited for.</summary>
    private const int Together = 50;

    private static readonly TimeSpan ComesBackAfter = TimeSpan.FromSeconds(1);

    private readonly long _started = Stopwatch.GetTimestamp();
    private long _position = after;
    private long _toldPosition = -1;
    private TimeSpan _toldAt;
    private TimeSpan _wroteAt;

    private TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, services) = (httpContext.Response, httpContext.RequestServices);
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache, no-store";
        response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold events back
        if (httpContext.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null; // whoever reads slowly is not cut off for it

        using var ends = CancellationTokenSource.CreateLinkedTokenSource(
            httpContext.RequestAborted, services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        try
        {
            Write(response.BodyWriter, $"retry: {ComesBackAfter.TotalMilliseconds}\n");
            await TellProgressAsync(response.BodyWriter, ends.Token);
            await RunAsync(
                services.GetRequiredService<IChangeFeed>(), services.GetRequiredService<FeedWatch>(), services.GetRequiredService<StreamPace>(), response.BodyWriter, ends.Token);
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // The reader went away, or the host stops: the reader comes back with the last id that it has.
        }
    }

    private async Task RunAsync(IChangeFeed feed, FeedWatch watch, StreamPace pace, PipeWriter output, CancellationToken cancellationToken)
    {
        while (true)
        {
            var silence = pace.Comment - (Elapsed - _wroteAt);
            var untold = _position > _toldPosition ? pace.Progress - (Elapsed - _toldAt) : silence;
            var wait = silence < untold ? silence : untold;
            var newest = wait > TimeSpan.Zero ? await watch.WaitAsync(_position, wait, cancellationToken) : 0;
            while (newest > _position)
                await ReadOnAsync(feed, newest, pace, output, cancellationToken);

            if (_position > _toldPosition && Elapsed - _toldAt >= pace.Progress)
                await TellProgressAsync(output, cancellationToken);
            else if (Elapsed - _wroteAt >= pace.Comment)
                await WriteOutAsync(output, ":\n\n", cancellationToken);
        }
    }

    private async Task ReadOnAsync(IChangeFeed feed, long newest, StreamPace pace, PipeWriter output, CancellationToken cancellationToken)
    {
        var (entries, readTo) = await feed.ReadAsync(filter, customer, _position, filter.FitsAll ? PageSize : FilteredPageSize, cancellationToken);
        foreach (var some in entries.Chunk(Together))
        {
            foreach (var entry in some)
                Write(output, entry);
            await WriteOutAsync(output, "", cancellationToken);
        }

        // Nothing of this customer follows: no entry ever appears below one that can be read.
        _position = readTo > _position ? readTo : newest;
        if (entries.Count > 0)
        {
            (_toldPosition, _toldAt) = (entries[^1].Position, Elapsed);
        }
        else if (Elapsed - _toldAt >= pace.Progress)
        {
            await TellProgressAsync(output, cancellationToken);
        }
    }

    private async Task TellProgressAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        (_toldPosition, _toldAt) = (_position, Elapsed);
        await WriteOutAsync(output, string.Create(CultureInfo.InvariantCulture, $"id: {_position}\n\n"), cancellationToken);
    }

    /// <summary>Returns when the reader has taken enough of what was written for more to be of use.</summary>
    private async Task WriteOutAsync(PipeWriter output, string text, CancellationToken cancellationToken)
    {
        Write(output, text);
        await output.FlushAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested(); // a flush to who is gone just returns
        _wroteAt = Elapsed;
    }

    /// <remarks>An envelope is one line: JSON writes line breaks within texts as escapes.</remarks>
    private static void Write(PipeWriter output, FeedEntry entry)
    {
        Write(output, string.Create(CultureInfo.InvariantCulture, $"id: {entry.Position}\nevent: {entry.Type}\ndata: "));
        output.Write(entry.Body.Span);
        Write(output, "\n\n");
    }

    private static void Write(PipeWriter output, string text) => Encoding.UTF8.GetBytes(text, output);
}
