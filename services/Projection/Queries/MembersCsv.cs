using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using NodaTime.Text;
using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Projection.Queries;

/// <summary>Members of a segment as CSV (RFC 4180), read and written a page at a time.</summary>
/// <param name="after">The customer behind whom to begin; null for the first.</param>
/// <param name="limit">How many at most; null for all.</param>
internal sealed class MembersCsv(ICustomerViews views, string segment, string? after, int? limit) : IResult
{
    private const string MediaType = "text/csv";
    private const int PageSize = 1000;

    private static readonly char[] Quoted = ['"', ',', '\r', '\n'];

    /// <summary>Whether the request would rather have CSV than JSON. Where both are as welcome, JSON it is.</summary>
    public static bool IsWanted(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        return Quality(MediaType) > Quality("application/json");

        double Quality(string mediaType)
        {
            // The most specific range that covers the type decides (RFC 9110, 12.5.1).
            var type = new MediaTypeHeaderValue(mediaType);
            var range = accepted.Where(type.IsSubsetOf).OrderBy(range => range.MatchesAllTypes ? 2 : range.MatchesAllSubTypes ? 1 : 0).FirstOrDefault();
            return range is null ? 0 : range.Quality ?? 1;
        }
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, cancellationToken) = (httpContext.Response, httpContext.RequestAborted);
        response.ContentType = MediaType + "; charset=utf-8; header=present";
        // One more than asked for tells whether there is a next page, which a header has to say before the first line is written.
        var page = await views.MembersAsync(segment, after, limit + 1 ?? PageSize, cancellationToken);
        if (page.Count > limit)
        {
            page = [.. page.Take(limit.Value)];
            var next = QueryString.Create([KeyValuePair.Create("after", (string?)page[^1].Customer), KeyValuePair.Create("limit", (string?)$"{limit}")]);
            response.Headers.Link = $"<{httpContext.Request.PathBase}{httpContext.Request.Path}{next}>; rel=\"next\"";
        }

        await response.WriteAsync("customer,since\r\n", cancellationToken);
        while (page.Count > 0)
        {
            await response.WriteAsync(Lines(page), cancellationToken);
            page = limit is null ? await views.MembersAsync(segment, page[^1].Customer, PageSize, cancellationToken) : [];
        }
    }

    private static string Lines(IReadOnlyList<SegmentMember> members)
    {
        var lines = new StringBuilder();
        foreach (var (customer, since) in members)
            lines.Append(Field(customer)).Append(',').Append(InstantPattern.ExtendedIso.Format(since)).Append("\r\n");
        return lines.ToString();
    }

    private static string Field(string text) =>
        text.IndexOfAny(Quoted) < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
