namespace TaggingPipeline.Storage.Specs.Suites;

/// <summary>How far readers of the feed have come.</summary>
public abstract class FeedPositionsSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    [Test]
    public async Task A_reader_goes_on_where_it_was_and_knows_nothing_of_others()
    {
        await Positions.AdvanceAsync("exchange", 41, None);
        await Positions.AdvanceAsync("exchange", 1_000_042, None);

        Assert.That(await AnotherProcess().Positions.ReadAsync("exchange", None), Is.EqualTo(1_000_042));
        Assert.That(await Positions.ReadAsync("another", None), Is.Zero);
    }

    [Test]
    public async Task Whoever_is_behind_takes_nobody_back()
    {
        await Positions.AdvanceAsync("exchange", 41, None);

        await AnotherProcess().Positions.AdvanceAsync("exchange", 40, None);

        Assert.That(await Positions.ReadAsync("exchange", None), Is.EqualTo(41));
    }
}
