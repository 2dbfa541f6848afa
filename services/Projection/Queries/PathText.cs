using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace TaggingPipeline.Projection.Queries;

/// <summary>Names in paths, exactly as they were meant.</summary>
internal static class PathText
{
    private const string Customers = "/customers/";

    /// <summary>The customer id that the path carries.</summary>
    /// <remarks>
    /// The server decodes a path but for slashes, so <c>a%2Fb</c> in a route value may stand for <c>a/b</c> or for itself; only the request's own target tells.
    /// </remarks>
    public static string CustomerId(HttpRequest request, string routeValue)
    {
        if (!routeValue.Contains("%2F", StringComparison.OrdinalIgnoreCase))
            return routeValue;
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var start = target.IndexOf(Customers, StringComparison.Ordinal);
        if (start < 0)
            return routeValue;
        start += Customers.Length;
        var end = target.AsSpan(start).IndexOfAny('/', '?');
        return Uri.UnescapeDataString(end < 0 ? target[start..] : target.Substring(start, end));
    }
}
