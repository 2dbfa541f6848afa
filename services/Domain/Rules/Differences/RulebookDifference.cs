namespace TaggingPipeline.Domain.Rules.Differences;

public enum DifferenceKind { Added, Removed, Changed }

/// <summary>What a difference is of.</summary>
public enum DifferenceSubject { Rulebook, Event, Tag, Segment }

/// <summary>One difference between two rulebooks, in words.</summary>
/// <param name="Key">Of the event, tag or segment; for the rulebook what of it, such as <c>timezone</c>.</param>
/// <param name="Text">All of it, as <c>churn-risk: window 60d → 45d</c>.</param>
public sealed record RulebookDifference(DifferenceKind Kind, DifferenceSubject Of, string Key, string Text)
{
    public override string ToString() => Text;
}
