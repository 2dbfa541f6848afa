using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Processing.Previews;

/// <summary>Counts who moves between two rulebooks, in tags and in segments.</summary>
/// <remarks>Not thread-safe: each worker counts for itself, and what they counted is added up.</remarks>
internal sealed class Tally
{
    private readonly int _examples;
    private readonly Dictionary<string, Counts> _tags;
    private readonly Dictionary<string, Counts> _segments;
    private readonly (string Key, SegmentRule? Before, SegmentRule? After)[] _segmentRules;
    private long _looked;
    private long _fromJournal;

    public Tally(Rulebook inForce, Rulebook candidate, int examples)
    {
        _examples = examples;
        string[] tags = [.. candidate.Tags.Select(rule => rule.Key).Union(inForce.Tags.Select(rule => rule.Key))];
        string[] segments = [.. candidate.Segments.Select(rule => rule.Key).Union(inForce.Segments.Select(rule => rule.Key))];
        _tags = tags.ToDictionary(key => key, _ => new Counts(), StringComparer.Ordinal);
        _segments = segments.ToDictionary(key => key, _ => new Counts(), StringComparer.Ordinal);
        _segmentRules =
        [
            .. segments.Select(key => (key, inForce.Segments.FirstOrDefault(rule => rule.Key == key), candidate.Segments.FirstOrDefault(rule => rule.Key == key))),
        ];
    }

    public void Add(in CustomerPreview customer)
    {
        _looked++;
        _fromJournal += customer.IsFromJournal ? 1 : 0;
        foreach (var key in customer.Before.Keys)
            _tags[key].Stay++;
        foreach (var mover in TagMovers(customer))
        {
            var counts = _tags[mover.Key];
            if (mover.Move != Move.Enters)
                counts.Stay--;
            counts.Add(mover, _examples);
        }

        foreach (var (key, before, after) in _segmentRules)
        {
            var was = before?.Holds(customer.Before, customer.Traits) ?? false;
            var becomes = after?.Holds(customer.After, customer.Traits) ?? false;
            if (was && becomes)
                _segments[key].Stay++;
            else if (was != becomes)
                _segments[key].Add(SegmentMover(customer, key, after, becomes), _examples);
        }
    }

    /// <summary>The customer's moves in one tag (null: in none) or one segment.</summary>
    public IEnumerable<Mover> MoversOf(CustomerPreview customer, string? tag, string? segment)
    {
        foreach (var mover in tag is null ? [] : TagMovers(customer).Where(mover => mover.Key == tag))
            yield return mover;
        foreach (var (key, before, after) in _segmentRules.Where(rule => rule.Key == segment))
        {
            var becomes = after?.Holds(customer.After, customer.Traits) ?? false;
            if (becomes != (before?.Holds(customer.Before, customer.Traits) ?? false))
                yield return SegmentMover(customer, key, after, becomes);
        }
    }

    public static PreviewResult Sum(IReadOnlyCollection<Tally> parts, string inForce, Instant asOf, long customers)
    {
        var first = parts.First();
        return new()
        {
            InForce = inForce,
            AsOf = asOf,
            Customers = customers,
            Looked = parts.Sum(part => part._looked),
            FromJournal = parts.Sum(part => part._fromJournal),
            Tags = [.. first._tags.Keys.Select(key => Counts.Sum(key, [.. parts.Select(part => part._tags[key])], first._examples))],
            Segments = [.. first._segments.Keys.Select(key => Counts.Sum(key, [.. parts.Select(part => part._segments[key])], first._examples))],
        };
    }

    private static IEnumerable<Mover> TagMovers(CustomerPreview customer) => customer.Changes.Select(change => new Mover(
        customer.Customer, change.Key, change.Previous.IsMissing ? Move.Enters : change.Value.IsMissing ? Move.Leaves : Move.Changes, change.Previous, change.Value, change.Reason));

    private static Mover SegmentMover(in CustomerPreview customer, string key, SegmentRule? after, bool enters)
    {
        var reason = after is null ? Reason.None : new Reason(after.Evaluate(customer.After, customer.Traits).Clauses, []);
        return new(customer.Customer, key, enters ? Move.Enters : Move.Leaves, enters ? Value.Missing : Value.True, enters ? Value.True : Value.Missing, reason);
    }

    private sealed class Counts
    {
        private readonly long[] _moves = new long[3];
        private readonly List<Mover>[] _examples = [[], [], []];

        public long Stay { get; set; }

        public void Add(Mover mover, int examples)
        {
            _moves[(int)mover.Move]++;
            var kept = _examples[(int)mover.Move];
            if (kept.Count < examples)
                kept.Add(mover);
        }

        /// <remarks>Each part saw its customers by ascending id, so that the first few of all are among the first few of each.</remarks>
        public static Movement Sum(string key, IReadOnlyCollection<Counts> parts, int examples)
        {
            return new(
                key, Count(Move.Enters), Count(Move.Leaves), Count(Move.Changes), parts.Sum(part => part.Stay), [.. Enum.GetValues<Move>().SelectMany(FirstOf)]);

            long Count(Move move) => parts.Sum(part => part._moves[(int)move]);
            IEnumerable<Mover> FirstOf(Move move) =>
                parts.SelectMany(part => part._examples[(int)move]).OrderBy(mover => mover.Customer, StringComparer.Ordinal).Take(examples);
        }
    }
}
