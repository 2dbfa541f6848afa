using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using NodaTime;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Projection.Queries;

/// <param name="Members">How many there were at the end of the day; of today, how many there are.</param>
/// <param name="Entered">How often somebody entered on that day.</param>
/// <param name="Exited">How often somebody left.</param>
internal sealed record SegmentDay(DateOnly Date, long Members, long Entered, long Exited);

/// <param name="Timezone">Whose calendar the days are of.</param>
internal sealed record SegmentDays(IReadOnlyList<SegmentDay> Items, string? Next, string Timezone);

/// <param name="Type"><c>segment.entered</c> or <c>segment.exited</c>, as in the feed.</param>
/// <param name="KeySequence">Numbers the changes of this customer and segment.</param>
internal sealed record SegmentChange(string Customer, string Type, DateTimeOffset Time, long KeySequence);

/// <param name="Totals">Of all pages; on the first page only.</param>
internal sealed record SegmentChanges(IReadOnlyList<SegmentChange> Items, string? Next, SegmentTotals? Totals);

/// <param name="Net">By how many members the segment grew.</param>
internal sealed record SegmentTotals(long Entered, long Exited, long Net);

/// <summary><c>/api/segments/{key}/history</c> and <c>/changes</c></summary>
internal static class SegmentHistoryRoutes
{
    private const int DefaultDays = 30;
    private const int MostDays = 366;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/segments/{key}/history", ReadDaysAsync).WithSummary("How many members a segment had day by day, and how many entered and left")
            .Produces<SegmentDays>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/segments/{key}/changes", ReadChangesAsync).WithSummary("Who entered a segment and who left it between two instants")
            .WithDescription("Every time that somebody entered or left after `from`, up to `to` and that instant too, by instant, then customer.")
            .Produces<SegmentChanges>().ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ReadDaysAsync(
        string key,
        [Description("The first day, as 2024-03-01; 30 days before the last where it is left out.")] string? from,
        [Description("The last day; today where it is left out. Days to come are left out.")] string? to,
        ISegmentHistory history,
        CurrentRulebook current,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (!QueryTimes.TryReadDate(from, out var first))
            return Problems.BadDate("from", from!);
        if (!QueryTimes.TryReadDate(to, out var last))
            return Problems.BadDate("to", to!);
        var rulebook = current.Value;
        if (SegmentRoutes.ProblemWith(key, rulebook) is { } problem)
            return problem;
        var today = Instant.FromDateTimeOffset(clock.GetUtcNow()).InZone(rulebook.Zone).Date;
        var end = last ?? LocalDate.Max(today, first ?? today);
        var start = first ?? end.PlusDays(-DefaultDays);
        if (start > end || Period.DaysBetween(start, end) >= MostDays)
            return Problems.BadSpan("from", from ?? $"{start:uuuu-MM-dd}", $"a day from {MostDays - 1} days before `to` up to that day");

        var days = Enumerable.Range(0, Period.DaysBetween(start, end) + 1).Select(start.PlusDays).Where(day => day <= today).ToArray();
        return QueryJson.Answer(new SegmentDays(await CountAsync(history, key, days, rulebook.Zone, cancellationToken), null, rulebook.Zone.Id));
    }

    private static async Task<SegmentDay[]> CountAsync(
        ISegmentHistory history, string key, LocalDate[] days, DateTimeZone zone, CancellationToken cancellationToken)
    {
        if (days.Length == 0)
            return [];
        var movements = await history.MovementsAsync(key, [.. days.Append(days[^1].PlusDays(1)).Select(day => zone.AtStartOfDay(day).ToInstant())], cancellationToken);
        var members = movements[0].Net;
        return [.. days.Zip(movements.Skip(1), (day, movement) => new SegmentDay(day.ToDateOnly(), members += movement.Net, movement.Entered, movement.Left))];
    }

    private static async Task<IResult> ReadChangesAsync(
        string key,
        [Description("An instant (RFC 3339).")] string? from,
        [Description("A later instant; no end where it is left out.")] string? to,
        [AsParameters] PageQuery page,
        ISegmentHistory history,
        CurrentRulebook rulebook,
        CancellationToken cancellationToken)
    {
        if (!page.TryReadLimit(out var limit))
            return Problems.BadLimit(page.Limit!);
        if (!CrossingCursor.TryRead(page.After, out var after))
            return Problems.BadCursor(page.After!);
        if (!QueryTimes.TryReadInstant(from, out var start) || start is null)
            return Problems.BadInstant("from", from ?? "");
        if (!QueryTimes.TryReadInstant(to, out var end))
            return Problems.BadInstant("to", to!);
        if (end < start)
            return Problems.BadSpan("to", to!, "an instant that is not before `from`");
        if (SegmentRoutes.ProblemWith(key, rulebook.Value) is { } problem)
            return problem;

        var last = end ?? Instant.MaxValue;
        var found = await history.CrossingsAsync(key, start.Value, last, after, limit + 1, cancellationToken);
        SegmentTotals? totals = null;
        if (after is null)
        {
            var counted = await history.CountCrossingsAsync(key, start.Value, last, cancellationToken);
            totals = new(counted.Entered, counted.Left, counted.Net);
        }

        return QueryJson.Answer(new SegmentChanges(
            [.. found.Take(limit).Select(ToChange)], found.Count > limit ? CrossingCursor.Write(found[limit - 1]) : null, totals));
    }

    private static SegmentChange ToChange(Crossing crossing) =>
        new(crossing.Customer, crossing.HasEntered ? "segment.entered" : "segment.exited", crossing.At.ToDateTimeOffset(), crossing.Number);
}
