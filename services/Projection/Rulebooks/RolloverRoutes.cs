using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Projection.Queries;

namespace TaggingPipeline.Projection.Rulebooks;

/// <summary>How far the version in force is with bringing over those whom another one decided.</summary>
/// <param name="Number">The version's.</param>
/// <param name="Version">What customers come under: name and content hash, and the snapshot of the population if it scores by one.</param>
/// <param name="Paused">It waits until it is resumed; what customers do is decided under the version in force all the same.</param>
/// <param name="BegunAt">When the version was published, or the snapshot taken.</param>
/// <param name="Customers">Customers, with their tags.</param>
/// <param name="Segments">Customers, with the segments that they are in.</param>
internal sealed record RunningRollover(long Number, string Version, bool Paused, DateTimeOffset? BegunAt, RolloverPart Customers, RolloverPart Segments);

/// <param name="All">How many there are.</param>
/// <param name="Left">How many of them are still to come over.</param>
/// <param name="PerSecond">How many came over, measured over the last seconds; null where nothing is left.</param>
/// <param name="SecondsLeft">How long it takes at that rate; null where nothing is left, or comes over at the moment.</param>
internal sealed record RolloverPart(long All, long Left, double? PerSecond, double? SecondsLeft);

/// <summary><c>/api/rulebook/rollover</c></summary>
internal static class RolloverRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/rulebook/rollover", ReadAsync).WithSummary("How far existing customers have come under the rulebook in force")
            .WithDescription("While some are left, the first answer takes a second: the rate is measured.").Produces<RunningRollover>();
        api.MapPost("/rulebook/rollover/pause", PauseAsync).WithSummary("Has existing customers wait, in every process within two seconds; what customers do is decided all the same")
            .WithDescription("For the version in force only: another one that is published, or gone back to, begins at once.").Produces<RunningRollover>();
        api.MapPost("/rulebook/rollover/resume", ResumeAsync).WithSummary("Goes on bringing existing customers over").Produces<RunningRollover>();
    }

    private static async Task<IResult> ReadAsync(RolloverMeter meter, CancellationToken cancellationToken) => QueryJson.Answer(await meter.ReadAsync(cancellationToken));

    private static Task<IResult> PauseAsync(CurrentRulebook current, IRulebookVersions versions, RolloverPause pause, RolloverMeter meter, CancellationToken cancellationToken) =>
        SetAsync(isPaused: true, current, versions, pause, meter, cancellationToken);

    private static Task<IResult> ResumeAsync(CurrentRulebook current, IRulebookVersions versions, RolloverPause pause, RolloverMeter meter, CancellationToken cancellationToken) =>
        SetAsync(isPaused: false, current, versions, pause, meter, cancellationToken);

    private static async Task<IResult> SetAsync(
        bool isPaused, CurrentRulebook current, IRulebookVersions versions, RolloverPause pause, RolloverMeter meter, CancellationToken cancellationToken)
    {
        await current.FollowAsync(cancellationToken);
        long? of = isPaused ? current.Value.Number : null;
        await versions.PauseAsync(of, cancellationToken);
        pause.Set(of);
        return QueryJson.Answer(await meter.ReadAsync(cancellationToken));
    }
}
