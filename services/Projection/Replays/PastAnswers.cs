using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Replays;

namespace TaggingPipeline.Projection.Replays;

/// <summary>The tags that a customer held at an instant.</summary>
/// <param name="By"><c>history</c>: as it was recorded; <c>journal</c>: as the recorded events say today.</param>
/// <param name="Rulebook">What the tags are made anew by; null where they were not.</param>
/// <param name="Late">How many events happened by then and arrived later; null where nothing was made anew.</param>
/// <param name="Differences">Where the two ways differ; null where they were not compared.</param>
internal sealed record PastTags(
    IReadOnlyList<PastTag> Items, string? Next, DateTimeOffset At, string By, string? Rulebook, long? Late, IReadOnlyList<PastDifference>? Differences);

/// <param name="Since">When it came to this value; null for a tag that was made anew, of which that is not known.</param>
internal sealed record PastTag(string Key, string Category, JsonElement? Value, DateTimeOffset? Since, DateTimeOffset? ChangesAt, ChangeReason? Reason)
{
    public static PastTag Of(ChangeEnvelope change) =>
        new(change.Data.Key, change.Data.Category ?? "", change.Data.Value, change.Data.Since, change.Data.ChangesAt, change.Data.Reason);

    public static IReadOnlyList<PastTag> Of(PastCustomer customer)
    {
        var reasons = customer.State.Reasons();
        return
        [
            .. customer.State.Tags.Zip(customer.Rulebook.Tags).Where(pair => !pair.First.Value.IsMissing).Select(pair => new PastTag(
                pair.First.Key, pair.Second.Category, ValueJson.ToElement(pair.First.Value), null, pair.First.ChangesAt?.ToDateTimeOffset(),
                reasons.TryGetValue(pair.First.Key, out var reason) ? ReasonMapping.ToContract(reason) : null)),
        ];
    }

    /// <summary>Where what was recorded differs from what was made anew.</summary>
    public static IReadOnlyList<PastDifference> Compare(IReadOnlyList<PastTag> recorded, IReadOnlyList<PastTag> recomputed)
    {
        var (one, other) = (recorded.ToDictionary(tag => tag.Key, tag => tag.Value), recomputed.ToDictionary(tag => tag.Key, tag => tag.Value));
        return
        [
            .. one.Keys.Union(other.Keys).Order(StringComparer.Ordinal).Select(key => new PastDifference(key, one.GetValueOrDefault(key), other.GetValueOrDefault(key)))
                .Where(difference => Read(difference.Recorded) != Read(difference.Recomputed)),
        ];
    }

    private static Domain.Events.Value Read(JsonElement? value) => value is { } known ? ValueJson.Read(known) : Domain.Events.Value.Missing;
}

/// <param name="Recorded">Null for a tag that was not held.</param>
/// <param name="Recomputed">Null for a tag that was not held.</param>
internal sealed record PastDifference(string Key, JsonElement? Recorded, JsonElement? Recomputed);

/// <summary>A page of the members of a segment at an instant, made anew from the recorded events.</summary>
/// <param name="Next">Where to go on; null for nowhere. A page may be empty and go on: only so many customers are made anew at once.</param>
/// <param name="Rulebook">What they are made anew by.</param>
/// <param name="Differences">Customers whom the history says otherwise of; null where it was not asked.</param>
internal sealed record PastMembers(
    IReadOnlyList<string> Items, string? Next, DateTimeOffset At, string By, string Rulebook, IReadOnlyList<PastMembershipDifference>? Differences);

/// <param name="Late">How many events of the customer happened by then and arrived later.</param>
internal sealed record PastMembershipDifference(string Customer, bool Recorded, bool Recomputed, long Late);
