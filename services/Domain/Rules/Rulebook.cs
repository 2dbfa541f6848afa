using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Populations;
using TaggingPipeline.Domain.Rules.Expressions;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Rules;

/// <summary>A checked and compiled rulebook.</summary>
/// <remarks>Immutable and safe to share between threads.</remarks>
public sealed class Rulebook
{
    private const string SnapshotMark = "/p";

    private readonly int[][] _rulesBySelection;
    private readonly int[] _rulesOverTraits;
    private readonly int[] _rulesOverPopulations;
    private readonly ImmutableArray<Expression> _populations;
    private readonly int[] _rulesWithAPast;

    internal Rulebook(
        string name, string version, ImmutableArray<TagRule> tags, ImmutableArray<SegmentRule> segments, ImmutableArray<string> segmentTraits, MeasureSet measures,
        ImmutableArray<Expression> populations, RefreshCadence refreshes)
    {
        Name = name;
        Version = version;
        Tags = tags;
        Segments = segments;
        SegmentTraits = segmentTraits;
        Measures = measures;
        NoFacts = CustomerFacts.None(measures);
        NotHeld = DueList<TagState>.Of([.. tags.Select(tag => new TagState(tag.Key, tag.Category, Value.Missing, Instant.FromUnixTimeSeconds(0), 0, null))]);
        var looksAt = tags.SelectMany((tag, place) => tag.Selections.Select(selection => (selection, place))).ToLookup(pair => pair.selection, pair => pair.place);
        _rulesBySelection = [.. measures.Selections.Select(selection => looksAt[selection.Index].ToArray())];
        _rulesOverTraits = [.. Enumerable.Range(0, tags.Length).Where(place => tags[place].LooksAtTraits)];
        _rulesOverPopulations = [.. Enumerable.Range(0, tags.Length).Where(place => tags[place].LooksAtPopulation)];
        _populations = populations;
        PopulationArguments = [.. populations.Select(argument => argument.Text)];
        Refreshes = refreshes;
        _rulesWithAPast = [.. Enumerable.Range(0, tags.Length).Where(place => tags[place].HasAPast)];
        DecidesAs = version;
    }

    private Rulebook(Rulebook definition, long number, PopulationSnapshot? population)
    {
        Number = number;
        (Name, Version, Tags, Segments, SegmentTraits) = (definition.Name, definition.Version, definition.Tags, definition.Segments, definition.SegmentTraits);
        (Measures, NoFacts, NotHeld) = (definition.Measures, definition.NoFacts, definition.NotHeld);
        (_rulesBySelection, _rulesOverTraits) = (definition._rulesBySelection, definition._rulesOverTraits);
        (_rulesOverPopulations, _rulesWithAPast) = (definition._rulesOverPopulations, definition._rulesWithAPast);
        (_populations, PopulationArguments, Refreshes) = (definition._populations, definition.PopulationArguments, definition.Refreshes);
        DecidesAs = Version;
        if (population is null)
            return;
        Population = population;
        PopulationFigures = [.. PopulationArguments.Select(population.Of)];
        DecidesAs = $"{Version}{SnapshotMark}{population.Number}";
    }

    /// <summary>The name it gives itself.</summary>
    public string Name { get; }

    /// <summary>Name and content hash, as <c>demo-shop@1f3a9c02b7d4</c>: another content is another version.</summary>
    public string Version { get; }

    /// <summary>The part of <see cref="Version"/> that stands for the content, the name included.</summary>
    public string ContentHash => Version[(Version.LastIndexOf('@') + 1)..];

    /// <summary>The number under which it was published: whatever comes later has a larger one, also where it says the same. 0 for one that was not published.</summary>
    public long Number { get; }

    /// <summary>Whose calendar days are meant.</summary>
    public DateTimeZone Zone => Measures.Zone;

    public ImmutableArray<TagRule> Tags { get; }

    public ImmutableArray<SegmentRule> Segments { get; }

    /// <summary>Names of the traits that segments use (first part of their paths).</summary>
    public ImmutableArray<string> SegmentTraits { get; }

    /// <summary>The numbers that are scored against the population, as the rulebook writes them; empty if none is.</summary>
    public ImmutableArray<string> PopulationArguments { get; }

    /// <summary>How often the population is to be looked at anew.</summary>
    public RefreshCadence Refreshes { get; }

    /// <summary>The snapshot that scores are measured by; null before there is one, and where nothing is scored.</summary>
    public PopulationSnapshot? Population { get; }

    /// <summary>
    /// Names all that customers are decided under: <see cref="Version"/>, and after it the snapshot where one is in force, as <c>demo-shop@1f3a9c02b7d4/p42</c>.
    /// </summary>
    public string DecidesAs { get; }

    internal ImmutableArray<PopulationFigures?>? PopulationFigures { get; }

    /// <summary>Names of events that its rules ask for, or that it gives a kind.</summary>
    public IEnumerable<string> EventNames => Measures.EventNames;

    internal MeasureSet Measures { get; }

    internal CustomerFacts NoFacts { get; }

    /// <summary>The states of tags that were never held, which all customers share.</summary>
    internal DueList<TagState> NotHeld { get; }

    /// <summary>Places of the tag rules that look at a selection.</summary>
    internal ReadOnlySpan<int> RulesOver(int selection) => _rulesBySelection[selection];

    /// <summary>Places of the tag rules that look at traits.</summary>
    internal ReadOnlySpan<int> RulesOverTraits => _rulesOverTraits;

    /// <summary>Places of the tag rules that depend on their own past.</summary>
    internal ReadOnlySpan<int> RulesWithAPast => _rulesWithAPast;

    internal bool HasAPast(string key) => Array.Exists(_rulesWithAPast, place => Tags[place].Key == key);

    /// <summary>Places of the tag rules that look at the population.</summary>
    internal ReadOnlySpan<int> RulesOverPopulations => _rulesOverPopulations;

    /// <summary>The same rulebook with a snapshot in force; itself if it scores nothing against the population, or that snapshot is in force already.</summary>
    public Rulebook With(PopulationSnapshot population) =>
        _populations.IsEmpty || Population?.Number == population.Number ? this : new(this, Number, population);

    /// <summary>The same rulebook as it was published under a number.</summary>
    public Rulebook Numbered(long number) => new(this, number, Population);

    /// <summary>The same rulebook as it was before the first snapshot.</summary>
    public Rulebook WithoutPopulation() => Population is null ? this : new(this, Number, population: null);

    /// <summary>
    /// Whether a snapshot of the population is to be taken: there is none, it lacks a number that is scored, or the population was to be looked at anew since.
    /// </summary>
    public bool WantsSnapshot(Instant now) => !_populations.IsEmpty
        && (Population is null || PopulationFigures!.Value.Contains(null) || Population.TakenAt < Refreshes.LatestAt(now));

    /// <summary>Whether what was decided under that name was decided by this rulebook, under whichever snapshot.</summary>
    /// <param name="decidedAs">The <see cref="DecidesAs"/> of some rulebook.</param>
    public bool Decided(string decidedAs) => decidedAs.StartsWith(Version, StringComparison.Ordinal)
        && (decidedAs.Length == Version.Length
            || (decidedAs.AsSpan(Version.Length).StartsWith(SnapshotMark) && !decidedAs.AsSpan(Version.Length + SnapshotMark.Length).ContainsAnyExceptInRange('0', '9')));

    /// <summary>Whether facts gathered under the other rulebook are all that this one needs, and as it needs them.</summary>
    public bool KeepsTheFactsOf(Rulebook other) => Measures.Fingerprint == other.Measures.Fingerprint;

    /// <summary>The numbers that are scored against the population, of one customer; null where one is no number.</summary>
    internal ImmutableArray<decimal?> Measure(in Scope scope)
    {
        var values = ImmutableArray.CreateBuilder<decimal?>(_populations.Length);
        foreach (var argument in _populations)
            values.Add(Amounts.TryRead(argument.Evaluate(scope).Value, out var number) ? number : null);
        return values.MoveToImmutable();
    }

    /// <summary>The compiled rulebook, or every error in it.</summary>
    public static RulebookCompilation Compile(RulebookDefinition definition) => new RulebookCompiler(definition).Compile();
}

/// <summary>A rulebook without errors, or all errors and no rulebook.</summary>
public sealed record RulebookCompilation(Rulebook? Rulebook, ImmutableArray<RulebookError> Errors);
