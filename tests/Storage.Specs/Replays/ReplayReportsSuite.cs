using NodaTime;
using NUnit.Framework;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Replays;
using TaggingPipeline.Storage.Specs.Suites;

namespace TaggingPipeline.Storage.Specs.Replays;

/// <summary>What replays report of what they did: as of the past, after pauses, and where two processes have taken one up.</summary>
public abstract class ReplayReportsSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    private ReplayedShop _shop = null!;

    [SetUp]
    public void OpenShop() => _shop = new(AnotherProcess());

    [Test]
    public async Task As_of_a_past_instant_customers_as_they_were_are_compared_with_what_documents_have()
    {
        await _shop.FillAsync();
        await _shop.TakeAsync(ReplayedShop.Purchase("b-2", "bob", 5, _shop.Clock.Now));
        var live = await _shop.DigestAsync(_shop.Clock.Now);

        var report = (await _shop.ReplayAsync(new() { At = _shop.Clock.Now - Duration.FromMinutes(1) })).Report;

        Assert.That(report.Samples.Single(sample => sample.Customer == "bob").Tags, Does.Contain(new TagDifference("spent", Value.Of(25), Value.Of(20))));
        Assert.That(report.Tags["spent"], Is.EqualTo(new TagCounts(0, 0, 1)), "of the others nothing was bought since");
        Assert.That(report.Live, Is.EqualTo(live), "the digest of what the documents have");
        Assert.That(report.Replayed, Is.Not.EqualTo(live));
        Assert.That(report.Events, Is.EqualTo(await Journal.CountAsync(None)), "it read them all");
    }

    [Test]
    public async Task Before_the_first_event_of_a_customer_the_journal_knows_nobody()
    {
        await _shop.FillAsync();
        var past = new PastReader(Journal, Feed, new(Populations), _shop.Current);
        var first = _shop.Clock.Now - Duration.FromHours(1);

        Assert.That(await past.RecomputeAsync(["ann", "bob"], first - Duration.FromMilliseconds(1), None).ToListAsync(), Is.Empty);
        Assert.That(await past.RecomputeAsync(["ann", "bob"], first, None).Select(each => each.Customer).ToListAsync(), Is.EqualTo(new[] { "ann", "bob" }));
    }
}
