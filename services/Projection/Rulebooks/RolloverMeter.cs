using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Projection.Rulebooks;

/// <summary>Tells how far a roll-over is, and how fast: by counting in the store, so that it is the work of all processes.</summary>
/// <remarks>Safe for concurrent use. On the machine's timer, not the pipeline's clock: that one may stand still.</remarks>
internal sealed class RolloverMeter(ICustomerDocuments documents, ICustomerViews views, IRulebookVersions versions, CurrentRulebook current, RolloverPause pause)
{
    /// <summary>A rate is of at least so long.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    /// <summary>And of at most so long, so that it is of now.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Queue<Count> _counts = [];

    public async Task<RunningRollover> ReadAsync(CancellationToken cancellationToken)
    {
        var rulebook = current.Value;
        var now = await CountAsync(rulebook, cancellationToken);
        var before = EarliestOf(now);
        if (now.Left > 0 && now.At - before.At < Shortest.TotalMilliseconds && !pause.IsOn)
        {
            await Task.Delay(Shortest, cancellationToken);
            now = await CountAsync(rulebook, cancellationToken);
            before = EarliestOf(now);
        }

        var published = (await versions.ListAsync(rulebook.Number + 1, 1, cancellationToken)).SingleOrDefault();
        var begunAt = published?.PublishedAt is { } at && rulebook.Population?.TakenAt is { } taken && taken > at ? taken : published?.PublishedAt;
        return new(
            rulebook.Number, rulebook.DecidesAs, pause.IsOn, begunAt?.ToDateTimeOffset(),
            PartOf(now.Customers, now.CustomersLeft, before.CustomersLeft - now.CustomersLeft, now.At - before.At),
            PartOf(now.Views, now.ViewsLeft, before.ViewsLeft - now.ViewsLeft, now.At - before.At));
    }

    private async Task<Count> CountAsync(Rulebook rulebook, CancellationToken cancellationToken)
    {
        var customersLeft = await documents.CountNotDecidedByAsync(rulebook.DecidesAs, cancellationToken);
        var (all, viewsLeft) = await views.CountAsync(rulebook.Version, cancellationToken);
        return new(rulebook.DecidesAs, Environment.TickCount64, await documents.CountAsync(cancellationToken), customersLeft, all, viewsLeft);
    }

    /// <summary>Keeps a count, and gives the earliest kept one of the same version.</summary>
    private Count EarliestOf(Count latest)
    {
        lock (_gate)
        {
            _counts.Enqueue(latest);
            while (_counts.TryPeek(out var first) && (first.DecidesAs != latest.DecidesAs || latest.At - first.At > Longest.TotalMilliseconds))
                _counts.Dequeue();
            return _counts.TryPeek(out var earliest) ? earliest : latest;
        }
    }

    private static RolloverPart PartOf(long all, long left, long done, long milliseconds)
    {
        if (left == 0)
            return new(all, 0, null, null);
        if (milliseconds < Shortest.TotalMilliseconds)
            return new(all, left, null, null);
        var rate = Math.Max(0, Math.Round(done * 1000d / milliseconds, 1));
        return new(all, left, rate, rate > 0 ? Math.Ceiling(left / rate) : null);
    }

    /// <param name="At">In milliseconds of the machine.</param>
    private sealed record Count(string DecidesAs, long At, long Customers, long CustomersLeft, long Views, long ViewsLeft)
    {
        public long Left => CustomersLeft + ViewsLeft;
    }
}
