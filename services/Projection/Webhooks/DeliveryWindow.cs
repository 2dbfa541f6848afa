using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>The part of the feed that is being delivered: who may be told what next, and up to where all are told.</summary>
/// <remarks>
/// A customer's changes wait in a line of their own. Taking from a line closes it until what was taken is delivered, so a customer's changes go out one after another,
/// and one that fails holds up its customer alone. Not thread-safe.
/// </remarks>
internal sealed class DeliveryWindow(int size)
{
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);
    private readonly Queue<Line> _ready = [];
    private readonly SortedSet<long> _undelivered = [];

    /// <summary>How many more changes it takes.</summary>
    public int Room => size - _undelivered.Count;

    /// <summary>Positions, ascending.</summary>
    public IEnumerable<long> Undelivered => _undelivered;

    public bool IsEmpty => _undelivered.Count == 0;

    /// <summary>All up to this position is delivered.</summary>
    /// <param name="readTo">How far the feed was read.</param>
    public long DeliveredTo(long readTo) => _undelivered.Count == 0 ? readTo : _undelivered.Min - 1;

    /// <param name="entry">Later in the feed than all before it.</param>
    public void Add(FeedEntry entry)
    {
        _undelivered.Add(entry.Position);
        if (!_lines.TryGetValue(entry.Customer, out var line))
            _lines.Add(entry.Customer, line = new());
        line.Waiting.Enqueue(entry);
        if (line.Waiting.Count == 1 && !line.IsClosed)
            _ready.Enqueue(line);
    }

    /// <summary>The next that can go out; null while everything waits behind something that is under way.</summary>
    /// <param name="most">How many changes it may carry.</param>
    public Delivery? Take(int most)
    {
        var taken = new List<FeedEntry>();
        while (taken.Count < most && _ready.TryDequeue(out var line))
        {
            line.IsClosed = true;
            while (taken.Count < most && line.Waiting.TryDequeue(out var entry))
                taken.Add(entry);
        }

        return taken.Count == 0 ? null : new(taken);
    }

    public void Delivered(Delivery delivery)
    {
        foreach (var entry in delivery.Entries)
            _undelivered.Remove(entry.Position);
        foreach (var customer in delivery.Entries.Select(entry => entry.Customer).Distinct(StringComparer.Ordinal))
        {
            var line = _lines[customer];
            line.IsClosed = false;
            if (line.Waiting.Count > 0)
                _ready.Enqueue(line);
            else
                _lines.Remove(customer);
        }
    }

    /// <summary>Takes a delivery of several changes apart: into halves between two customers; of one customer the first half, and the rest waits again.</summary>
    /// <returns>What is to be sent in its place.</returns>
    public IReadOnlyList<Delivery> Split(Delivery delivery)
    {
        var entries = delivery.Entries;
        var middle = entries.Count / 2;
        var between = Enumerable.Range(1, entries.Count - 1).Where(i => entries[i].Customer != entries[i - 1].Customer).ToList();
        var cut = between.Count > 0 ? between.MinBy(i => Math.Abs(i - middle)) : middle;
        var (first, rest) = (entries.Take(cut).ToList(), entries.Skip(cut).ToList());
        if (between.Count > 0)
            return [new(first), new(rest)];
        var line = _lines[entries[0].Customer];
        line.Waiting = new([.. rest, .. line.Waiting]);
        return [new(first)];
    }

    private sealed class Line
    {
        public Queue<FeedEntry> Waiting { get; set; } = [];

        /// <summary>Something of it is under way.</summary>
        public bool IsClosed { get; set; }
    }
}
