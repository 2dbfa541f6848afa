using System.Collections.Immutable;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Rules.Binding;

/// <summary>Where an expression stands, which decides what it can name.</summary>
internal enum ExpressionPlace { TagRule, Segment, Filter }

/// <summary>What binding an expression needs to know, and where it puts what it finds.</summary>
internal sealed class BindingContext
{
    public required string Source { get; init; }

    public required ExpressionPlace Place { get; init; }

    /// <summary>Collects what must be kept of events; for a filter, of the selection it belongs to.</summary>
    public required MeasureCollector Measures { get; init; }

    /// <summary>The rulebook's tags, with their tiers; empty for tags without.</summary>
    public required IReadOnlyDictionary<string, ImmutableArray<string>> Tags { get; init; }

    public required IReadOnlySet<string> Segments { get; init; }

    /// <summary>Finds a rule by its key, once the whole rulebook is compiled.</summary>
    public required Func<string, TagRule> TagOf { get; init; }

    /// <inheritdoc cref="TagOf"/>
    public required Func<string, SegmentRule> SegmentOf { get; init; }

    public required List<SyntaxError> Errors { get; init; }

    /// <summary>Other rules that the expression names, with where.</summary>
    public List<(RuleName Rule, TextSpan Span)> Rules { get; init; } = [];

    /// <summary>Names of the traits that the expression looks at.</summary>
    public HashSet<string> Traits { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Places of the selections that the expression looks at.</summary>
    public HashSet<int> Selections { get; init; } = [];

    /// <summary>Collects the arguments of which the population is to be known.</summary>
    public required PopulationCollector Populations { get; init; }

    /// <summary>Places of those arguments that the expression looks at.</summary>
    public HashSet<int> PopulationArguments { get; init; } = [];

    /// <summary>While such an argument is bound, in which some things have no place.</summary>
    public bool IsInPopulation { get; set; }

    /// <summary>In a filter: where its events come from.</summary>
    public SelectionSource FilterSource { get; init; }

    /// <summary>In a filter of items: the list that they are items of.</summary>
    public EventField? FilterList { get; init; }

    public NodaTime.DateTimeZone Zone { get; init; } = NodaTime.DateTimeZone.Utc;

    public string TextOf(Syntax syntax) => Source.Substring(syntax.Span.Start, syntax.Span.Length);

    /// <param name="list">For what looks at the items of a list: the list.</param>
    public BindingContext ForFilter(SelectionSource source, EventField? list = null) => new()
    {
        Source = Source,
        Place = ExpressionPlace.Filter,
        Measures = Measures,
        Tags = Tags,
        Segments = Segments,
        TagOf = TagOf,
        SegmentOf = SegmentOf,
        Rules = Rules,
        Errors = Errors,
        Traits = Traits,
        Selections = Selections,
        Populations = Populations,
        FilterSource = source,
        FilterList = list,
        Zone = Zone,
    };

    public void Error(TextSpan span, string message) => Errors.Add(new(span, message));
}
