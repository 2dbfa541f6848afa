using Microsoft.AspNetCore.Http;

namespace TaggingPipeline.Projection.Queries;

/// <summary>Members of a segment as a stream, read and written a page at a time: the memory it takes does not grow with the segment.</summary>
/// <param name="after">The customer behind whom to begin; null for the first.</param>
/// <param name="limit">How many at most; null for all.</param>
internal sealed class MemberExport(MemberList list, ExportFormat format, string? after, int? limit) : IResult
{
    public const string PositionHeader = "Feed-Position";

    private const int PageSize = 1000;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, cancellationToken) = (httpContext.Response, httpContext.RequestAborted);
        response.ContentType = format.ContentType;
        if (list.Position is { } position)
            response.Headers[PositionHeader] = QueryJson.Cursor(position);
        // One more than asked for tells whether there is a next page, which a header has to say before the first line is written.
        var page = await list.ReadAsync(after, limit + 1 ?? PageSize, cancellationToken);
        if (page.Count > limit)
        {
            page = [.. page.Take(limit.Value)];
            response.Headers.Link = $"<{httpContext.Request.PathBase}{httpContext.Request.Path}{NextQuery(page[^1].Customer)}>; rel=\"next\"";
        }

        format.WriteHead(response.BodyWriter);
        while (page.Count > 0)
        {
            format.Write(page, response.BodyWriter);
            await response.BodyWriter.FlushAsync(cancellationToken);
            page = limit is null ? await list.ReadAsync(page[^1].Customer, PageSize, cancellationToken) : [];
        }

        await response.BodyWriter.FlushAsync(cancellationToken);
    }

    private QueryString NextQuery(string last)
    {
        var query = QueryString.Create("after", list.CursorBehind(last)).Add("limit", $"{limit}");
        return list.At is { } at ? query.Add("at", NodaTime.Text.InstantPattern.ExtendedIso.Format(at)) : query;
    }
}
