using System.Collections.Immutable;

namespace TaggingPipeline.Domain.Rules.Differences;

/// <summary>What differs between two rulebooks, in words.</summary>
/// <remarks>
/// Pure and total. A rulebook has no difference to itself; of two with different content hashes there is at least one. It goes by what is written: a rule that says the
/// same in other words is a difference, and says so.
/// </remarks>
public sealed class RulebookDifferences
{
    private readonly ImmutableArray<RulebookDifference>.Builder _found = ImmutableArray.CreateBuilder<RulebookDifference>();

    private RulebookDifferences()
    {
    }

    /// <summary>The differences, those of the whole rulebook first, then tags and segments in the order of <paramref name="after"/>, with those that are gone at the end.</summary>
    public static ImmutableArray<RulebookDifference> Between(RulebookDefinition before, RulebookDefinition after)
    {
        var differences = new RulebookDifferences();
        differences.CompareWhole(before, after);
        differences.CompareAll(
            DifferenceSubject.Tag, before.Tags, after.Tags, tag => tag.Key.Text, TagDifferences.RuleOf, (one, other) => TagDifferences.Between(one, other, differences.AddTag));
        differences.CompareAll(DifferenceSubject.Segment, before.Segments, after.Segments, segment => segment.Key.Text, segment => ExpressionDifference.Quoted(segment.When.Text), differences.CompareSegments);
        return differences._found.DrainToImmutable();
    }

    private void CompareWhole(RulebookDefinition before, RulebookDefinition after)
    {
        Compare("name", before.Name, after.Name);
        Compare("timezone", before.TimeZone, after.TimeZone);
        Compare("currency", before.Currency, after.Currency);
        CompareMaps(DifferenceSubject.Rulebook, "rate", before.Rates.Select(rate => (rate.Currency.Text, rate.Rate.Text)), after.Rates.Select(rate => (rate.Currency.Text, rate.Rate.Text)));
        Compare("population", before.PopulationEvery, after.PopulationEvery);
        CompareMaps(DifferenceSubject.Event, "event", before.Events.Select(kind => (kind.Name.Text, kind.Kind.Text)), after.Events.Select(kind => (kind.Name.Text, kind.Kind.Text)));

        void Compare(string what, SourceText? one, SourceText? other)
        {
            if (TextDifference.Between("", one, other) is { } text)
                Add(DifferenceKind.Changed, DifferenceSubject.Rulebook, what, $"{what}: {text}");
        }
    }

    private void CompareMaps(DifferenceSubject of, string what, IEnumerable<(string Name, string Text)> before, IEnumerable<(string Name, string Text)> after) => CompareAll(
        of, [.. before], [.. after], entry => entry.Name, entry => entry.Text,
        (one, other) =>
        {
            if (one.Text != other.Text)
                Add(DifferenceKind.Changed, of, one.Name, $"{what} {one.Name}: {one.Text} → {other.Text}");
        },
        what);

    /// <param name="describe">What to tell of an item that is new or gone.</param>
    private void CompareAll<T>(
        DifferenceSubject of, ImmutableArray<T> before, ImmutableArray<T> after, Func<T, string> key, Func<T, string> describe, Action<T, T> compare, string? what = null)
    {
        var label = what ?? (of == DifferenceSubject.Tag ? "" : "segment");
        var known = before.ToLookup(key, StringComparer.Ordinal);
        foreach (var item in after)
        {
            if (known.Contains(key(item)))
                compare(known[key(item)].First(), item);
            else
                Add(DifferenceKind.Added, of, key(item), $"{Named(item)}: added: {describe(item)}");
        }

        var kept = after.Select(key).ToHashSet(StringComparer.Ordinal);
        foreach (var item in before.Where(item => !kept.Contains(key(item))))
            Add(DifferenceKind.Removed, of, key(item), $"{Named(item)}: removed: {describe(item)}");

        if (TextDifference.OfOrder(before.Select(key), after.Select(key)) is { } order)
            Add(DifferenceKind.Changed, of, "", $"order of {(label.Length == 0 ? "tag" : label)}s: {order}");

        string Named(T item) => label.Length == 0 ? key(item) : $"{label} {key(item)}";
    }

    private void CompareSegments(SegmentDefinition before, SegmentDefinition after)
    {
        var key = after.Key.Text;
        if (TextDifference.Between("name", before.Name, after.Name) is { } name)
            Add(DifferenceKind.Changed, DifferenceSubject.Segment, key, $"segment {key}: {name}");
        if (before.When.Text != after.When.Text)
            Add(DifferenceKind.Changed, DifferenceSubject.Segment, key, $"segment {key}: {ExpressionDifference.Between(before.When.Text, after.When.Text)}");
    }

    private void AddTag(DifferenceKind kind, string key, string text) => Add(kind, DifferenceSubject.Tag, key, text);

    private void Add(DifferenceKind kind, DifferenceSubject of, string key, string text) => _found.Add(new(kind, of, key, text));
}
