using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Ingestion.Access;

namespace TaggingPipeline.Ingestion.Tracking;

/// <summary>Segment's tracking API: an SDK that is told this host works unchanged.</summary>
internal static class TrackingEndpoints
{
    /// <summary>The type of event that a path takes; null for batches.</summary>
    /// <remarks>SDKs use the long and the short forms, and older ones <c>import</c> for a batch.</remarks>
    private static readonly (string Path, string? Type)[] Paths =
    [
        ("/v1/track", "track"), ("/v1/t", "track"),
        ("/v1/identify", "identify"), ("/v1/i", "identify"),
        ("/v1/page", "page"), ("/v1/p", "page"),
        ("/v1/screen", "screen"), ("/v1/s", "screen"),
        ("/v1/group", "group"), ("/v1/g", "group"),
        ("/v1/alias", "alias"), ("/v1/a", "alias"),
        ("/v1/batch", null), ("/v1/b", null), ("/v1/import", null),
    ];

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var requests = endpoints.ServiceProvider.GetRequiredService<TrackingRequests>();
        var access = endpoints.ServiceProvider.GetRequiredService<AccessKeys>();
        foreach (var (path, type) in Paths)
        {
            endpoints.MapPost(path, context => requests.HandleAsync(context, type));
            endpoints.MapMethods(path, [HttpMethods.Options], CrossOrigin.Preflight);
        }

        const string settings = "/v1/projects/{writeKey}/settings";
        endpoints.MapGet(settings, context => SettingsDocument.AnswerAsync(context, (string)context.GetRouteValue("writeKey")!, access));
        endpoints.MapMethods(settings, [HttpMethods.Options], CrossOrigin.Preflight);
    }
}
