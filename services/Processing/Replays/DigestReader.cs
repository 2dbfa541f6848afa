using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Processing.Replays;

/// <summary>The customers after one id and up to another, that one included, in the order of UTF-8.</summary>
/// <param name="After">Null for from the first.</param>
/// <param name="Until">Null for to the last.</param>
/// <param name="Digest">Of those who can be compared.</param>
/// <param name="DecidedLater">How many of them were decided for a later instant than the one asked for, and count as of that.</param>
/// <param name="Unreadable">How many are not among them, since they have yet to come under the rulebook in force.</param>
public sealed record DigestRange(string? After, string? Until, StateDigest Digest, long DecidedLater, long Unreadable)
{
    /// <summary>The last customer in it; null if there is none.</summary>
    public string? Last { get; init; }

    public long Customers => Digest.Customers + Unreadable;

    /// <summary>Two ranges that follow each other as one.</summary>
    internal static DigestRange Join(DigestRange left, DigestRange right) =>
        new(left.After, right.Until, left.Digest + right.Digest, left.DecidedLater + right.DecidedLater, left.Unreadable + right.Unreadable) { Last = right.Last ?? left.Last };
}

/// <param name="Rulebook">What the rulebook in force decides as.</param>
/// <param name="Parts">The whole in ranges; each of one customer if there are no more customers than ranges were asked for.</param>
public sealed record DigestReading(string Rulebook, Instant AsOf, DigestRange Whole, ImmutableArray<DigestRange> Parts);

/// <summary>Reads digests of stored customers. Writes nothing.</summary>
public sealed class DigestReader(ICustomerDocuments documents, CurrentRulebook current)
{
    private const int PageSize = 200;

    /// <summary>Digests a range, and ranges of it that are about equally large.</summary>
    /// <param name="parts">How many at most: 1 or more.</param>
    public async Task<DigestReading> ReadAsync(string? after, string? until, Instant asOf, int parts, CancellationToken cancellationToken)
    {
        var ranges = new List<DigestRange>();
        var customersInEach = 1L;
        var rulebook = current.Value;
        await foreach (var one in EachAsync(after, until, asOf, cancellationToken))
        {
            if (ranges.Count > 0 && ranges[^1].Customers < customersInEach)
            {
                ranges[^1] = DigestRange.Join(ranges[^1], one);
                continue;
            }

            if (ranges.Count == parts)
            {
                // One more than there may be: from now on each holds twice as many.
                customersInEach *= 2;
                ranges = [.. ranges.Chunk(2).Select(pair => pair.Length == 2 ? DigestRange.Join(pair[0], pair[1]) : pair[0])];
                if (ranges.Count == parts || ranges[^1].Customers < customersInEach)
                {
                    ranges[^1] = DigestRange.Join(ranges[^1], one);
                    continue;
                }
            }

            ranges.Add(one);
        }

        if (ranges.Count > 0)
            ranges[^1] = ranges[^1] with { Until = until };
        return Of(rulebook.DecidesAs, asOf, after, until, ranges);
    }

    /// <summary>Digests the ranges between bounds, as another store gave them.</summary>
    /// <param name="bounds">Ascending in the order of UTF-8: the ends of all ranges but the last.</param>
    public async Task<DigestReading> ReadAsync(string? after, string? until, Instant asOf, IReadOnlyList<string> bounds, CancellationToken cancellationToken)
    {
        var rulebook = current.Value;
        var ranges = bounds.Append(until).Select((bound, i) => new DigestRange(i == 0 ? after : bounds[i - 1], bound, default, 0, 0)).ToList();
        var place = 0;
        await foreach (var one in EachAsync(after, until, asOf, cancellationToken))
        {
            while (place < bounds.Count && IdOrder.Compare(one.Until!, bounds[place]) > 0)
                place++;
            ranges[place] = DigestRange.Join(ranges[place], one) with { Until = ranges[place].Until };
        }

        return Of(rulebook.DecidesAs, asOf, after, until, ranges);
    }

    private static DigestReading Of(string rulebook, Instant asOf, string? after, string? until, List<DigestRange> ranges) => new(
        rulebook, asOf, ranges.Aggregate(new DigestRange(after, until, default, 0, 0), DigestRange.Join) with { After = after, Until = until }, [.. ranges]);

    /// <summary>Each customer as a range of one.</summary>
    private async IAsyncEnumerable<DigestRange> EachAsync(
        string? after, string? until, Instant asOf, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rulebook = current.Value;
        while (await documents.ScanAsync(after, PageSize, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var document in page)
            {
                if (until is not null && IdOrder.Compare(document.Customer, until) > 0)
                    yield break;
                yield return Of(document);
                after = document.Customer;
            }

            await Task.Yield();
        }

        DigestRange Of(CustomerDocument document)
        {
            if (document.Facts.For(rulebook) is not { } facts)
                return new(after, document.Customer, default, 0, 1) { Last = document.Customer };
            var isLater = document.EvaluatedAt > asOf;
            var state = CustomerState.Kept(facts, document.Tags, rulebook, isLater ? document.EvaluatedAt : asOf);
            return new(after, document.Customer, state.DigestOf(document.Customer), isLater ? 1 : 0, 0) { Last = document.Customer };
        }
    }
}
