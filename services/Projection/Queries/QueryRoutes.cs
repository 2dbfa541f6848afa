using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Projection.DeadLetters;
using TaggingPipeline.Projection.Exchange;
using TaggingPipeline.Projection.Rejections;
using TaggingPipeline.Projection.Replays;
using TaggingPipeline.Projection.Rulebooks;
using TaggingPipeline.Projection.Streaming;
using TaggingPipeline.Projection.Subscriptions;

namespace TaggingPipeline.Projection.Queries;

/// <summary>Everything that can be read under <c>/api</c>, and done to tags by hand.</summary>
public static class QueryRoutes
{
    /// <summary>Maps these routes of <c>/api</c>, behind the API keys, and their description at <c>/openapi/v1.json</c>, open to all.</summary>
    public static IEndpointRouteBuilder MapQueries(this IEndpointRouteBuilder endpoints)
    {
        var api = endpoints.MapGroup("/api").RequireApiKey().WithTags("Queries")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized);
        // An instant that were passed over would be answered with the present, which is not what was asked.
        api.AddEndpointFilter(static async (context, next) =>
            context.HttpContext.Request.Query.ContainsKey("at") && context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<ReadsThePast>() is null
                ? Problems.PastNotReadable()
                : await next(context));

        CustomerRoutes.Map(api);
        HandTagRoutes.Map(api);
        TagRoutes.Map(api);
        SegmentRoutes.Map(api);
        SnapshotRoutes.Map(api);
        ChangeRoutes.Map(api);
        RejectedRoutes.Map(api);
        RulebookRoutes.Map(api);
        VersionRoutes.Map(api);
        RolloverRoutes.Map(api);
        PreviewRoutes.Map(api);
        PopulationRoutes.Map(api);
        StreamRoutes.Map(api);
        QueueRoutes.Map(api);
        DeadLetterRoutes.Map(api);
        SubscriptionRoutes.Map(api);
        ReplayRoutes.Map(api);
        DigestRoutes.Map(api);
        endpoints.MapOpenApi();
        return endpoints;
    }
}
