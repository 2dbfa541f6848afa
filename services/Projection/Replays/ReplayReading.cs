using Microsoft.AspNetCore.Http.HttpResults;
using NodaTime;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Replays;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Projection.Queries;

namespace TaggingPipeline.Projection.Replays;

/// <summary>Reads what requests want replayed; every mistake is answered with the name of its field.</summary>
internal static class ReplayReading
{
    private const int MostEventsPerSecond = 10_000_000;

    /// <param name="now">No replay looks further than that.</param>
    public static (ReplayOptions? Options, ProblemHttpResult? Problem) Read(ReplayRequest asked, Rulebook inForce, Instant now)
    {
        var apply = asked.Apply ?? false;
        if (asked.Changes is not (null or "all" or "none"))
            return Problem("changes", $"`{asked.Changes}` is none of all, none");
        if (asked.Changes is not null && !apply)
            return Problem("changes", "nothing is written, and so there is nothing to tell: it goes with `apply`");
        if (asked.Customers is { Count: > 0 } && asked.Segment is not null)
            return Problem("segment", "give either `customers` or `segment`");
        if (asked.Customers is { Count: 0 })
            return Problem("customers", "it is empty: leave it out for all customers");
        if (asked.Customers is { } customers && (customers.Count > ReplayOptions.MostCustomers || customers.Any(string.IsNullOrEmpty)))
            return Problem("customers", $"expected 1 to {ReplayOptions.MostCustomers} ids of customers");
        if (asked.Segment is { } segment && inForce.Segments.All(rule => rule.Key != segment))
            return Problem("segment", $"the rulebook has no segment `{segment}`");
        if (!QueryTimes.TryReadInstant(asked.At, out var at))
            return Problem("at", $"`{asked.At}` is not an instant such as 2024-03-01T12:00:00Z");
        if (at > now)
            return Problem("at", "it lies in the future: a replay knows no more than what was recorded");
        if (apply && at is not null)
            return Problem("at", "what is written is as of now: leave out `at`, or `apply`");
        if (apply && asked.Rulebook is not null)
            return Problem("rulebook", "what is written is under the rulebook in force: leave out `rulebook`, or `apply`; to change the rulebook, publish it");
        if (asked.Rate is < 0 or > MostEventsPerSecond)
            return Problem("rate", $"expected 0, for as many events a second as can be, to {MostEventsPerSecond}");
        if (asked.Parts is < 1 or > ReplayOptions.MostParts)
            return Problem("parts", $"expected 1 to {ReplayOptions.MostParts}");
        if (asked.Rulebook is { } yaml && RulebookFile.Compile(yaml) is { Rulebook: null } wrong)
            return (null, Problems.BadRulebook(wrong.Errors));
        return (new()
        {
            Apply = apply,
            TellsChanges = asked.Changes != "none",
            Customers = asked.Customers is null ? [] : [.. asked.Customers.Distinct(StringComparer.Ordinal)],
            Segment = asked.Segment,
            Rulebook = asked.Rulebook,
            At = at is { } instant ? Instant.FromUnixTimeMilliseconds(instant.ToUnixTimeMilliseconds()) : null,
            EventsPerSecond = asked.Rate ?? 0,
            Parts = asked.Parts ?? 0,
        }, null);

        static (ReplayOptions?, ProblemHttpResult?) Problem(string field, string what) => (null, Problems.BadField(field, what));
    }
}
