using System.Collections.Immutable;
using NodaTime;

namespace TaggingPipeline.Domain.Rules;

/// <summary>What a tag's definition says besides its rule.</summary>
public sealed record TagOptions
{
    public static TagOptions None { get; } = new();

    /// <summary>For people: what the tag is for.</summary>
    public string? Description { get; init; }

    /// <summary>For people: who answers for it.</summary>
    public string? Owner { get; init; }

    /// <summary>False for a tag that nobody holds, though it is still known.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>Of the tags of one group a customer holds one at most.</summary>
    public string? Group { get; init; }

    /// <summary>For at least so long a value is kept once the rule has come to it; null for no longer than the rule calls for it.</summary>
    public Duration? Hold { get; init; }

    /// <summary>So long after it was assigned a value ends, even if the rule still calls for it; null for never.</summary>
    public Duration? Expires { get; init; }

    /// <summary>Whether the tag has no rule: it is assigned by hand only.</summary>
    public bool IsManual { get; init; }

    /// <summary>The values that a tag without a rule can have; empty for one that is only held or not.</summary>
    public ImmutableArray<string> ManualValues { get; init; } = [];
}
