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
