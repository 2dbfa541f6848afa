using NodaTime;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Customers;

/// <summary>What a rule that depends on its own past has come to: a new past.</summary>
/// <remarks>It must be journaled, and observed when facts are made anew: no other event tells of it.</remarks>
/// <param name="Value">What the rule calls for since then; missing for nothing. After <c>expires</c> it may be held no longer.</param>
/// <param name="At">The instant for which that was decided.</param>
/// <param name="Sequence">Per customer and key, from 1, without gaps: of several the last one counts.</param>
public sealed record TagAssignment(string Key, Value Value, Instant At, long Sequence)
{
    internal long Time => At.ToUnixTimeMilliseconds();

    /// <summary>What an event of kind <see cref="EventKind.Assignment"/> says; null if it does not say it as it must.</summary>
    internal static TagAssignment? Of(CustomerEvent observed) =>
        observed.Properties[TagEvents.Tag] is { Kind: ValueKind.Text, AsText: var key } && observed.Properties[TagEvents.Sequence] is { Kind: ValueKind.Number, AsNumber: var sequence }
            ? new(key, observed.Properties[TagEvents.Value], observed.OccurredAt, (long)sequence)
            : null;
}
