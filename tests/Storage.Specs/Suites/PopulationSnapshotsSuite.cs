using System.Collections.Immutable;
using TaggingPipeline.Domain.Populations;
using static TaggingPipeline.Storage.Specs.Suites.Samples;

namespace TaggingPipeline.Storage.Specs.Suites;

/// <summary>Recording snapshots of the population.</summary>
public abstract class PopulationSnapshotsSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    [Test]
    public async Task A_snapshot_comes_back_as_it_was_recorded()
    {
        var full = new PopulationSnapshot(1, At(3),
        [
            PopulationFigures.Of("sum(purchase[category = \"鞋 '🦊'\"].total, 365d)", [.. Enumerable.Range(0, 1_000).Select(i => (i * i / 7m) - 999_999_999_999m)]),
            PopulationFigures.Of("nobody", []),
            new("edges", 5_000_000_000, [-79_228_162_514_264_337_593_543_950_335m, -0.0000000001m, 0, 0.1m, 999_999_999_999.9999999999m]),
        ]);
        Assert.That(await Populations.AppendAsync(full, None));

        Assert.That(await Populations.LatestAsync(0, None), Is.EqualTo(full));
        Assert.That(await AnotherProcess().Populations.FindAsync(1, None), Is.EqualTo(full));
    }

    [Test]
    public async Task The_first_to_record_a_number_wins()
    {
        Assert.That(await Populations.AppendAsync(Snapshot(1), None));

        Assert.That(await AnotherProcess().Populations.AppendAsync(Snapshot(1) with { TakenAt = At(9) }, None), Is.False);
        Assert.That(await Populations.FindAsync(1, None), Is.EqualTo(Snapshot(1)));
    }

    [Test]
    public async Task Of_many_at_once_one_wins()
    {
        var (one, other) = (Populations, AnotherProcess().Populations);

        var recorded = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => (i % 2 == 0 ? one : other).AppendAsync(Snapshot(7) with { TakenAt = At(i) }, None))));

        Assert.That(recorded.Count(each => each), Is.EqualTo(1));
        Assert.That((await other.FindAsync(7, None))!.TakenAt, Is.EqualTo(At(Array.IndexOf(recorded, true))));
    }

    [Test]
    public async Task The_latest_is_the_one_with_the_largest_number()
    {
        foreach (var number in new[] { 9, 11, 10 })
            await Populations.AppendAsync(Snapshot(number), None);

        Assert.That((await Populations.LatestAsync(0, None))!.Number, Is.EqualTo(11));
        Assert.That((await Populations.LatestAsync(10, None))!.Number, Is.EqualTo(11));
        Assert.That(await Populations.LatestAsync(11, None), Is.Null);
        Assert.That((await Populations.FindAsync(9, None))!.Number, Is.EqualTo(9), "earlier ones are kept");
    }

    [Test]
    public async Task There_is_none_before_the_first()
    {
        Assert.That(await Populations.LatestAsync(0, None), Is.Null);
        Assert.That(await Populations.FindAsync(1, None), Is.Null);
    }

    private static PopulationSnapshot Snapshot(long number) => new(number, At(0), [new("count(purchase)", 3, ImmutableArray.Create(1m, 2m, 3m))]);
}
