using Microsoft.AspNetCore.Http;

namespace TaggingPipeline.Ingestion.Tracking;

/// <summary>Lets the browser SDK send from the pages of any shop: what may be sent is decided by the write key, not by where the page came from.</summary>
internal static class CrossOrigin
{
    private const string UsualHeaders = "Authorization, Content-Type, Content-Encoding, Prefer";

    public static void Allow(HttpResponse response)
    {
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers.AccessControlExposeHeaders = "Retry-After, X-RateLimit-Reset, Preference-Applied";
    }

    /// <summary>Answers a preflight.</summary>
    public static Task Preflight(HttpContext context)
    {
        Allow(context.Response);
        var asked = context.Request.Headers.AccessControlRequestHeaders.ToString();
        context.Response.Headers.AccessControlAllowMethods = "GET, POST, OPTIONS";
        context.Response.Headers.AccessControlAllowHeaders = IsListOfNames(asked) ? asked : UsualHeaders;
        context.Response.Headers.AccessControlMaxAge = "86400";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    /// <remarks>What is asked for is granted, since newer SDKs send headers of their own; but only names are repeated into the answer.</remarks>
    private static bool IsListOfNames(string asked) =>
        asked.Length is > 0 and < 1_000 && asked.All(each => char.IsAsciiLetterOrDigit(each) || each is '-' or '_' or ',' or ' ');
}
