using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Pipeline.Specs.Doubles;
using TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

[TestFixture]
public sealed class When_two_publish_at_once
{
    private static readonly FixedClock Clock = new(SmallShop.Noon);

    [Test]
    public async Task The_second_comes_after_the_first_and_nothing_is_lost()
    {
        var (versions, publisher, rulebook) = Shop(out var current);

        var publication = await publisher.PublishAsync(rulebook, expected: null, CancellationToken.None);

        Assert.That((publication.Outcome, publication.InForce!.Number, publication.InForce.PublishedAt), Is.EqualTo((PublicationOutcome.Published, 3L, SmallShop.Noon)));
        Assert.That((await versions.FindAsync(2, CancellationToken.None))!.Content, Is.EqualTo(PublishedShop.OtherMeasures));
        Assert.That((current.Value.Number, current.Value.ContentHash), Is.EqualTo((3, rulebook.Rulebook.ContentHash)));
    }

    [Test]
    public async Task Who_expected_the_version_before_the_first_publishes_nothing()
    {
        var (versions, publisher, rulebook) = Shop(out _);

        var publication = await publisher.PublishAsync(rulebook, expected: 1, CancellationToken.None);

        Assert.That((publication.Outcome, publication.InForce!.Number), Is.EqualTo((PublicationOutcome.Unexpected, 2L)));
        Assert.That(await versions.FindAsync(3, CancellationToken.None), Is.Null);
    }

    /// <summary>Somebody else publishes right before the first try to append.</summary>
    private static (VersionsInMemory, RulebookPublisher, ProposedRulebook) Shop(out CurrentRulebook current)
    {
        var versions = VersionsInMemory.Of(PublishedShop.First);
        versions.BeforeAppend = () =>
        {
            versions.BeforeAppend = () => { };
            versions.Publish(PublishedShop.OtherMeasures);
        };
        current = versions.At(1);
        return (versions, new(versions, current, Clock), new(PublishedShop.SameMeasures, RulebookFile.Compile(PublishedShop.SameMeasures).Rulebook!, "ben", "", RulebookVersion.OfApi));
    }
}

/// <summary>Who watches a file says under which version it was unchanged; what was published since then may be the same change, seen by somebody else.</summary>
[TestFixture]
public sealed class When_a_file_is_published
{
    [TestCase(1, 2, TestName = "What_was_published_since_it_was_unchanged_is_not_published_over_what_came_next")]
    [TestCase(2, null, TestName = "A_file_that_goes_back_to_what_was_in_force_before_is_published_again")]
    public async Task It_is_compared_with_what_came_since(long unchangedUnder, long? known)
    {
        var versions = VersionsInMemory.Of(PublishedShop.First, PublishedShop.SameMeasures, PublishedShop.OtherMeasures);
        var publisher = new RulebookPublisher(versions, versions.At(3), new FixedClock(SmallShop.Noon));
        var file = new ProposedRulebook(PublishedShop.SameMeasures, RulebookFile.Compile(PublishedShop.SameMeasures).Rulebook!, RulebookVersion.OfFile, "", RulebookVersion.OfFile);

        var copyOf = await publisher.PublishUnlessKnownAsync(file, unchangedUnder, CancellationToken.None);

        Assert.That(copyOf?.Number, Is.EqualTo(known));
        Assert.That((await versions.FindAsync(4, CancellationToken.None))?.Content, Is.EqualTo(known is null ? PublishedShop.SameMeasures : null));
    }

    [Test]
    public async Task A_copy_that_another_process_publishes_at_that_moment_and_that_is_gone_back_on_is_not_published_again()
    {
        var versions = VersionsInMemory.Of(PublishedShop.First);
        versions.BeforeAppend = () =>
        {
            versions.BeforeAppend = () => { };
            versions.Publish(PublishedShop.SameMeasures);
            versions.Publish(PublishedShop.First);
        };
        var publisher = new RulebookPublisher(versions, versions.At(1), new FixedClock(SmallShop.Noon));
        var file = new ProposedRulebook(PublishedShop.SameMeasures, RulebookFile.Compile(PublishedShop.SameMeasures).Rulebook!, RulebookVersion.OfFile, "", RulebookVersion.OfFile);

        var copyOf = await publisher.PublishUnlessKnownAsync(file, since: 1, CancellationToken.None);

        Assert.That(copyOf?.Number, Is.EqualTo(2));
        Assert.That(await versions.FindAsync(4, CancellationToken.None), Is.Null);
    }
}
