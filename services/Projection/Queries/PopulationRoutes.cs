using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Populations;
using TaggingPipeline.Processing.Populations;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Projection.Queries;

/// <summary>What customers are scored by.</summary>
/// <param name="Every">How often a snapshot is taken, as rulebooks write durations.</param>
/// <param name="NextAt">When the next one is due; null before there is one, and where the rulebook scores nothing.</param>
/// <param name="Scored">The numbers that the rulebook scores, as it writes them.</param>
/// <param name="Snapshot">The one in force; null before there is one, and where the rulebook scores nothing.</param>
internal sealed record RunningPopulation(string Every, DateTimeOffset? NextAt, IReadOnlyList<string> Scored, RecordedPopulation? Snapshot);

/// <param name="TakenAt">The instant as of which customers were looked at.</param>
/// <param name="Arguments">One for each number that the rulebook scored when it was taken.</param>
internal sealed record RecordedPopulation(long Number, DateTimeOffset TakenAt, IReadOnlyList<RecordedArgument> Arguments);

/// <param name="Argument">The number that is scored, as the rulebook writes it.</param>
/// <param name="Customers">For how many customers it was a number.</param>
/// <param name="Quintiles">The cuts at 20, 40, 60 and 80 %; empty where there were no customers.</param>
/// <param name="Percentiles">The cuts at 1 to 99 %; empty where there were no customers.</param>
internal sealed record RecordedArgument(string Argument, long Customers, IReadOnlyList<decimal> Quintiles, IReadOnlyList<decimal> Percentiles);

/// <summary><c>/api/population</c></summary>
internal static class PopulationRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/population", Read).WithSummary("The snapshot of the population that scores are measured by").Produces<RunningPopulation>();
        api.MapGet("/population/{number}", FindAsync).WithSummary("A snapshot of the population as it was recorded")
            .Produces<RecordedPopulation>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/population", TakeAsync).WithSummary("Takes a snapshot of the population now, whenever the next is due")
            .WithDescription("It is answered when the snapshot is recorded; customers are decided again after that.")
            .Produces<RecordedPopulation>().ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static IResult Read(CurrentRulebook current)
    {
        var rulebook = current.Value;
        var snapshot = rulebook.Population;
        return QueryJson.Answer(new RunningPopulation(
            DurationText.Format(rulebook.Refreshes.Milliseconds),
            snapshot is null ? null : rulebook.Refreshes.NextAfter(snapshot.TakenAt).ToDateTimeOffset(),
            rulebook.PopulationArguments,
            snapshot is null ? null : Describe(snapshot)));
    }

    private static async Task<IResult> FindAsync(string number, IPopulationSnapshots snapshots, CancellationToken cancellationToken) =>
        long.TryParse(number, out var parsed) && await snapshots.FindAsync(parsed, cancellationToken) is { } snapshot
            ? QueryJson.Answer(Describe(snapshot))
            : Problems.UnknownSnapshot(number);

    private static async Task<IResult> TakeAsync(PopulationCensus census, IPopulationSnapshots snapshots, CancellationToken cancellationToken)
    {
        switch (await census.TakeAsync(cancellationToken))
        {
            case CensusOutcome.NotDue:
                return Problems.NoSnapshot("the rulebook in force scores nothing against the population");
            case CensusOutcome.Nobody:
                return Problems.NoSnapshot("there is nobody yet for whom what the rulebook scores is a number");
            case CensusOutcome.Unfinished:
                return Problems.NoSnapshot("some customers have yet to come under the rulebook in force; try again in a moment");
            default:
                // This one, or the one that somebody else took at the same time.
                return QueryJson.Answer(Describe((await snapshots.LatestAsync(0, cancellationToken))!));
        }
    }

    private static RecordedPopulation Describe(PopulationSnapshot snapshot) => new(
        snapshot.Number,
        snapshot.TakenAt.ToDateTimeOffset(),
        [.. snapshot.Figures.Select(figures => new RecordedArgument(
            figures.Argument, figures.Customers, figures.Cuts.IsEmpty ? [] : [.. Enumerable.Range(1, 4).Select(fifth => figures.CutAt(fifth * 20)!.Value)], figures.Cuts))]);
}
