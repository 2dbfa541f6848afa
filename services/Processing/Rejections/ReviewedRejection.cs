using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Processing.Rejections;

/// <summary>What would become of a rejected event.</summary>
public enum ReviewOutcome
{
    /// <summary>It is accepted now.</summary>
    Accepted,

    /// <summary>It is looked at again, and rejected.</summary>
    Rejected,

    /// <summary>It cannot be mended so, and is as it was.</summary>
    Failed,
}

/// <summary>A rejected event, mended and looked at again. Nothing is changed by that.</summary>
/// <param name="Before">The event as JSON, with what its request said of it filled in; or what was sent, where that is no JSON.</param>
/// <param name="After">The event once mended; null where that failed.</param>
/// <param name="Events">What is accepted: the event, or those of its body.</param>
/// <param name="Parts">What of a body that can be used now is still rejected, each event by itself.</param>
/// <param name="Why">Why it is not accepted; null if it is.</param>
/// <param name="NotApplied">For each step that does not apply to it, why, and at which place the step stands.</param>
public sealed record ReviewedRejection(
    RejectedEvent Rejection, ReviewOutcome Outcome, ReadOnlyMemory<byte> Before, ReadOnlyMemory<byte>? After,
    IReadOnlyList<ShopEvent> Events, IReadOnlyList<RejectedEvent> Parts, Rejection? Why, IReadOnlyList<(int Step, string Why)> NotApplied);
