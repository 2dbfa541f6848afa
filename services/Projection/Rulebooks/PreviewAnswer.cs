using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Previews;

namespace TaggingPipeline.Projection.Rulebooks;

/// <param name="Candidate">Version of the rulebook that was tried.</param>
/// <param name="InForce">What the rulebook in force decides as.</param>
/// <param name="AsOf">The instant as of which both were decided.</param>
/// <param name="Looked">How many of the customers were looked at.</param>
/// <param name="Exact">Whether that was all of them.</param>
/// <param name="FromJournal">For how many the events had to be read: the new rules need what nobody kept yet.</param>
/// <param name="NeedsConfirmation">Segments of which more changes than is published without being confirmed.</param>
/// <param name="Token">Confirms the publication of this rulebook over the one in force.</param>
internal sealed record PreviewAnswer(
    string Candidate, string InForce, DateTimeOffset AsOf, long Customers, long Looked, bool Exact, long FromJournal,
    IReadOnlyList<MovementAnswer> Tags, IReadOnlyList<MovementAnswer> Segments, IReadOnlyList<string> NeedsConfirmation, string Token)
{
    public static PreviewAnswer Of(PreviewResult result, Rulebook candidate, IReadOnlyList<string> needsConfirmation, string token) => new(
        candidate.Version, result.InForce, result.AsOf.ToDateTimeOffset(), result.Customers, result.Looked, result.IsExact, result.FromJournal,
        [.. result.Tags.Select(tag => MovementAnswer.Of(tag, result))], [.. result.Segments.Select(segment => MovementAnswer.Of(segment, result))], needsConfirmation, token);
}

/// <summary>How many move in a tag or segment.</summary>
/// <param name="Before">How many hold it now.</param>
/// <param name="After">How many would hold it.</param>
/// <param name="Bounds">Between which the counts lie with a probability of 95 %; null where they are exact.</param>
/// <param name="Examples">Some of those who move.</param>
internal sealed record MovementAnswer(
    string Key, long Before, long After, long Enter, long Leave, long Change, long Stay, MovementBounds? Bounds, IReadOnlyList<MoverAnswer> Examples)
{
    public static MovementAnswer Of(Movement movement, PreviewResult result)
    {
        return new(
            movement.Key, Scaled(movement.Before), Scaled(movement.After), Scaled(movement.Enter), Scaled(movement.Leave), Scaled(movement.Change), Scaled(movement.Stay),
            result.IsExact ? null : new(Bounds(movement.Enter), Bounds(movement.Leave), Bounds(movement.Change), Bounds(movement.Stay)),
            [.. movement.Examples.Select(MoverAnswer.Of)]);

        long Scaled(long count) => result.Estimate(count).Count;
        long[] Bounds(long count) => result.Estimate(count) is var (_, least, most) ? [least, most] : [];
    }
}

/// <summary>Each the least and the most.</summary>
internal sealed record MovementBounds(IReadOnlyList<long> Enter, IReadOnlyList<long> Leave, IReadOnlyList<long> Change, IReadOnlyList<long> Stay);

/// <param name="Move"><c>enters</c>, <c>leaves</c> or <c>changes</c>.</param>
/// <param name="Reason">Why the new rules come to that.</param>
internal sealed record MoverAnswer(string Customer, string Key, string Move, JsonElement? Previous, JsonElement? Value, ChangeReason Reason)
{
    public static MoverAnswer Of(Mover mover) => new(
        mover.Customer, mover.Key, mover.Move.ToString().ToLowerInvariant(), ValueJson.ToElement(mover.Previous), ValueJson.ToElement(mover.Value), ReasonMapping.ToContract(mover.Reason));
}
