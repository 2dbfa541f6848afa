using static TaggingPipeline.Storage.Specs.Suites.Samples;

namespace TaggingPipeline.Storage.Specs.Suites;

/// <summary>Names that one at a time has. On the store's own clock, so that some of it takes a moment.</summary>
public abstract class LeasesSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    [Test]
    public async Task The_first_has_it_and_keeps_it()
    {
        Assert.That(await Leases.TakeAsync(["a", "b"], "one", Long, None), Is.EquivalentTo(new[] { "a", "b" }));
        Assert.That(await AnotherProcess().Leases.TakeAsync(["a", "c"], "other", Long, None), Is.EquivalentTo(new[] { "c" }));
        Assert.That(await Leases.TakeAsync(["a", "b", "c"], "one", Long, None), Is.EquivalentTo(new[] { "a", "b" }));
        Assert.That(await Leases.TakeAsync([], "one", Long, None), Is.Empty);
    }

    [Test]
    public async Task Names_are_taken_exactly()
    {
        Assert.That(await Leases.TakeAsync(AwkwardIds, "🦊", Long, None), Is.EquivalentTo(AwkwardIds));
        Assert.That(await Leases.TakeAsync(AwkwardIds, "other", Long, None), Is.Empty);
    }

    [Test]
    public async Task What_is_given_back_is_free()
    {
        await Leases.TakeAsync(["a", "b"], "one", Long, None);

        await Leases.ReleaseAsync(["a"], "one", None);
        await Leases.ReleaseAsync(["b", "never taken"], "other", None);

        Assert.That(await AnotherProcess().Leases.TakeAsync(["a", "b"], "other", Long, None), Is.EquivalentTo(new[] { "a" }));
    }

    [Test]
    public async Task What_is_not_renewed_runs_out()
    {
        await Leases.TakeAsync(["crashed"], "one", Short, None);
        await Leases.TakeAsync(["kept"], "one", Short, None);
        await Leases.TakeAsync(["kept"], "one", Long, None);

        IReadOnlySet<string> taken;
        do
            taken = await AnotherProcess().Leases.TakeAsync(["crashed", "kept"], "other", Long, None);
        while (taken.Count == 0);

        Assert.That(taken, Is.EquivalentTo(new[] { "crashed" }));
        Assert.That(await Leases.TakeAsync(["crashed", "kept"], "one", Long, None), Is.EquivalentTo(new[] { "kept" }));
    }

    [Test]
    public async Task Of_many_at_once_one_has_it()
    {
        await Leases.TakeAsync(["run out"], "gone", TimeSpan.Zero, None);
        var (one, other) = (Leases, AnotherProcess().Leases);

        var taken = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => (i % 2 == 0 ? one : other).TakeAsync(["run out", "new"], $"h-{i}", Long, None))));

        Assert.That(taken.Count(names => names.Contains("run out")), Is.EqualTo(1));
        Assert.That(taken.Count(names => names.Contains("new")), Is.EqualTo(1));
    }
}
