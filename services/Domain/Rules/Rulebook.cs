using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Binding;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Rules;

/// <summary>A checked and compiled rulebook.</summary>
/// <remarks>Immutable and safe to share between threads.</remarks>
public sealed class Rulebook
{
    private readonly int[][] _rulesBySelection;
    private readonly int[] _rulesOverTraits;
    private readonly int[] _rulesWithAPast;

    internal Rulebook(string name, string version, ImmutableArray<TagRule> tags, ImmutableArray<SegmentRule> segments, ImmutableArray<string> segmentTraits, MeasureSet measures)
    {
        Name = name;
        Version = version;
        Tags = tags;
        Segments = segments;
        SegmentTraits = segmentTraits;
        Measures = measures;
        NoFacts = CustomerFacts.None(measures);
        NotHeld = [.. tags.Select(tag => new TagState(tag.Key, tag.Category, Value.Missing, Instant.FromUnixTimeSeconds(0), 0, null))];
        var looksAt = tags.SelectMany((tag, place) => tag.Selections.Select(selection => (selection, place))).ToLookup(pair => pair.selection, pair => pair.place);
        _rulesBySelection = [.. measures.Selections.Select(selection => looksAt[selection.Index].ToArray())];
        _rulesOverTraits = [.. Enumerable.Range(0, tags.Length).Where(place => tags[place].LooksAtTraits)];
        _rulesWithAPast = [.. Enumerable.Range(0, tags.Length).Where(place => tags[place].HasAPast)];
    }

    /// <summary>The name it gives itself.</summary>
    public string Name { get; }

    /// <summary>Name and content hash, as <c>demo-shop@1f3a9c02b7d4</c>: another content is another version.</summary>
    public string Version { get; }

    /// <summary>Whose calendar days are meant.</summary>
    public DateTimeZone Zone => Measures.Zone;

    public ImmutableArray<TagRule> Tags { get; }

    public ImmutableArray<SegmentRule> Segments { get; }

    /// <summary>Names of the traits that segments use (first part of their paths).</summary>
    public ImmutableArray<string> SegmentTraits { get; }

    /// <summary>Names of events that its rules ask for, or that it gives a kind.</summary>
    public IEnumerable<string> EventNames => Measures.EventNames;

    internal MeasureSet Measures { get; }

    internal CustomerFacts NoFacts { get; }

    /// <summary>The states of tags that were never held, which all customers share.</summary>
    internal ImmutableArray<TagState> NotHeld { get; }

    /// <summary>Places of the tag rules that look at a selection.</summary>
    internal ReadOnlySpan<int> RulesOver(int selection) => _rulesBySelection[selection];

    /// <summary>Places of the tag rules that look at traits.</summary>
    internal ReadOnlySpan<int> RulesOverTraits => _rulesOverTraits;

    /// <summary>Places of the tag rules that depend on their own past.</summary>
    internal ReadOnlySpan<int> RulesWithAPast => _rulesWithAPast;

    internal bool HasAPast(string key) => Array.Exists(_rulesWithAPast, place => Tags[place].Key == key);

    /// <summary>The compiled rulebook, or every error in it.</summary>
    public static RulebookCompilation Compile(RulebookDefinition definition) => new RulebookCompiler(definition).Compile();
}

/// <summary>A rulebook without errors, or all errors and no rulebook.</summary>
public sealed record RulebookCompilation(Rulebook? Rulebook, ImmutableArray<RulebookError> Errors);
