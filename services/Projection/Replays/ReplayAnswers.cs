using System.Text.Json;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Replays;

namespace TaggingPipeline.Projection.Replays;

/// <summary>What somebody wants replayed.</summary>
/// <param name="Apply">Whether what differs is written, and not only reported.</param>
/// <param name="Changes"><c>all</c> tells subscribers of what is written, as is meant where it is left out; <c>none</c> does not.</param>
/// <param name="Customers">Only these.</param>
/// <param name="Segment">Only the members of this segment.</param>
/// <param name="Rulebook">Another rulebook than the one in force, as YAML.</param>
/// <param name="At">The instant as of which customers are rebuilt.</param>
/// <param name="Rate">How many events a second are read at most; 0 for as many as can be.</param>
/// <param name="Parts">How many customers are worked on at once.</param>
internal sealed record ReplayRequest(bool? Apply, string? Changes, IReadOnlyList<string>? Customers, string? Segment, string? Rulebook, string? At, int? Rate, int? Parts);

/// <summary>A replay.</summary>
/// <param name="State"><c>queued</c>, <c>running</c>, <c>paused</c>, <c>done</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="Changes">Whether subscribers are told of what is written: <c>all</c> or <c>none</c>.</param>
/// <param name="Customers">Only these were asked for; empty for no such list.</param>
/// <param name="Rulebook">What the rulebook decides as; null before it began.</param>
/// <param name="OtherRulebook">Whether that is another one than was in force.</param>
/// <param name="AsOf">The instant as of which customers are compared; null before it began.</param>
/// <param name="Failure">Why it could not go on; null unless it failed.</param>
internal sealed record ReplayAnswer(
    string Id, string State, bool Apply, string Changes, IReadOnlyList<string> Customers, string? Segment, string? Rulebook, bool OtherRulebook, DateTimeOffset? AsOf,
    DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, string? Failure, ReplayProgressAnswer Progress, ReplayReportAnswer Report)
{
    public static ReplayAnswer Of(ReplayRun run) => new(
        run.Id,
        NameOf(run.State),
        run.Options.Apply,
        run.Options.TellsChanges ? "all" : "none",
        run.Options.Customers,
        run.Options.Segment,
        run.Rulebook,
        run.Options.Rulebook is not null,
        (run.AsOf ?? run.Options.At)?.ToDateTimeOffset(),
        run.CreatedAt.ToDateTimeOffset(),
        run.StartedAt?.ToDateTimeOffset(),
        run.EndedAt?.ToDateTimeOffset(),
        run.Failure,
        ReplayProgressAnswer.Of(run),
        ReplayReportAnswer.Of(run.Report));

    private static string NameOf(ReplayState state) => JsonNamingPolicy.CamelCase.ConvertName(state.ToString());
}

/// <param name="Expected">About how many customers there are to go through; null where that is not known.</param>
/// <param name="Done">How many are done, those left for later among them.</param>
/// <param name="WorkedSeconds">How long it was at work, pauses left out.</param>
/// <param name="EventsPerSecond">How many it read a second while at work.</param>
/// <param name="SecondsLeft">How long it may take yet; null where that is not known.</param>
/// <param name="Starts">How often a process took it up.</param>
internal sealed record ReplayProgressAnswer(long? Expected, long Done, double WorkedSeconds, long EventsPerSecond, long? SecondsLeft, int Starts)
{
    public static ReplayProgressAnswer Of(ReplayRun run)
    {
        var done = run.Report.Customers + run.Report.LeftForLater + run.Report.WithoutEvents;
        var left = run.Expected is { } expected && done > 0 && !run.IsOver ? (long?)Math.Max(0, run.WorkedSeconds * (expected - done) / done) : null;
        return new(run.Expected, done, Math.Round(run.WorkedSeconds, 3), run.WorkedSeconds > 0 ? (long)(run.Report.Events / run.WorkedSeconds) : 0, left, run.Starts);
    }
}

/// <summary>What came of it so far.</summary>
/// <param name="Customers">Who were rebuilt: those left for later are not among them.</param>
/// <param name="WithoutDocument">Of those who differ, how many have events and no document.</param>
/// <param name="WithoutEvents">Who have a document and no events, and are left as they are.</param>
/// <param name="LeftForLater">Who could not be rebuilt: see <paramref name="Left"/>.</param>
/// <param name="Left">The first of them, with why.</param>
/// <param name="Tags">For each tag that differs anywhere: how many gain it, lose it, and have another value.</param>
/// <param name="Digests">Of the states that the journal calls for, and of those that the documents had.</param>
internal sealed record ReplayReportAnswer(
    long Customers, long Events, long Same, long Different, long Written, long WithoutDocument, long WithoutEvents, long LeftForLater,
    IReadOnlyList<ReplayLeftAnswer> Left, IReadOnlyList<ReplayTagAnswer> Tags, ReplayDigestsAnswer Digests)
{
    private const int MostLeft = 100;

    public static ReplayReportAnswer Of(ReplayReport report) => new(
        report.Customers, report.Events, report.Same, report.Different, report.Written, report.WithoutDocument, report.WithoutEvents, report.LeftForLater,
        [.. report.Left.Take(MostLeft).Select(left => new ReplayLeftAnswer(left.Customer, WhyOf(left.Reason)))],
        [.. report.Tags.Select(tag => new ReplayTagAnswer(tag.Key, tag.Value.Gained, tag.Value.Lost, tag.Value.Changed))],
        new(report.Replayed.ToString(), report.Live.ToString(), report.Replayed == report.Live));

    private static string WhyOf(LeftReason reason) => reason switch
    {
        LeftReason.AwaitsDelivery => "its document has events whose delivery has not come to its end",
        LeftReason.AwaitsPublication => "earlier changes have yet to be told",
        LeftReason.AwaitsRollover => "it has yet to come under the rulebook in force, and what that changes is to be told",
        LeftReason.Unknown => "there is neither an event nor a document of this customer",
        _ => "others saved it whenever it was to be written",
    };
}

internal sealed record ReplayLeftAnswer(string Customer, string Reason);

internal sealed record ReplayTagAnswer(string Key, long Gained, long Lost, long Changed);

internal sealed record ReplayDigestsAnswer(string Replayed, string Live, bool Equal);

/// <summary>A customer who was not what the journal calls for.</summary>
/// <param name="HasDocument">False for one who has events alone.</param>
/// <param name="Facts">Whether what is known of the customer differs too.</param>
internal sealed record ReplayDifferenceAnswer(string Customer, bool HasDocument, bool Facts, IReadOnlyList<ReplayTagDifferenceAnswer> Tags)
{
    public static ReplayDifferenceAnswer Of(CustomerDifference difference) => new(
        difference.Customer, difference.HasDocument, difference.Facts,
        [.. difference.Tags.Select(tag => new ReplayTagDifferenceAnswer(tag.Key, ValueJson.ToElement(tag.Live), ValueJson.ToElement(tag.Replayed)))]);
}

/// <param name="Live">What the customer had; null for nothing.</param>
/// <param name="Replayed">What the journal calls for; null for nothing.</param>
internal sealed record ReplayTagDifferenceAnswer(string Key, JsonElement? Live, JsonElement? Replayed);
