using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Rules;

/// <summary>A checked and compiled rulebook.</summary>
/// <remarks>Immutable and safe to share between threads.</remarks>
public sealed class Rulebook
{
    /// <summary>The name it gives itself.</summary>
    public string Name => throw new NotImplementedException();

    /// <summary>Name and content hash, as <c>demo-shop@1f3a9c02b7d4</c>: another content is another version.</summary>
    public string Version => throw new NotImplementedException();

    public DateTimeZone Zone => throw new NotImplementedException();

    public ImmutableArray<TagRule> Tags => throw new NotImplementedException();

    public ImmutableArray<SegmentRule> Segments => throw new NotImplementedException();

    /// <summary>Names of the traits that segments use (first part of their paths).</summary>
    public ImmutableArray<string> SegmentTraits => throw new NotImplementedException();

    /// <summary>The compiled rulebook, or every error in it.</summary>
    public static RulebookCompilation Compile(RulebookDefinition definition) => throw new NotImplementedException();
}

/// <summary>A rulebook without errors, or all errors and no rulebook.</summary>
public sealed record RulebookCompilation(Rulebook? Rulebook, ImmutableArray<RulebookError> Errors);

/// <summary>One tag rule.</summary>
public sealed class TagRule
{
    public string Key => throw new NotImplementedException();

    public string Name => throw new NotImplementedException();

    public string Category => throw new NotImplementedException();

    /// <summary>The names of the tiers, the first that holds first; empty for other rules.</summary>
    public ImmutableArray<string> Tiers => throw new NotImplementedException();

    /// <summary>The condition, tiers or value as the rulebook writes them.</summary>
    public string Text => throw new NotImplementedException();
}

/// <summary>One segment: a condition over tags and traits, without a clock.</summary>
public sealed class SegmentRule
{
    public string Key => throw new NotImplementedException();

    public string Name => throw new NotImplementedException();

    /// <summary>The condition as the rulebook writes it.</summary>
    public string Text => throw new NotImplementedException();

    /// <summary>Whether a customer with these tags (values by key, held ones only) and traits is a member, and why.</summary>
    public (bool Holds, ImmutableArray<Customers.Clause> Clauses) Evaluate(IReadOnlyDictionary<string, Value> tags, PropertyBag traits) => throw new NotImplementedException();
}
