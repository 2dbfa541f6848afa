using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Doubles;
using TaggingPipeline.Pipeline.Specs.Evaluation;
using TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Projection;

/// <summary>Evaluation and projection in one process: a rulebook comes into force for both at once, and customers come under it in two roll-overs.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class WhenTagsAndSegmentsComeOver
{
    /// <summary>On two pages of views.</summary>
    private const int Customers = 1_005;

    private const string First = """
        rulebook: shop
        tags:
          - { key: vip, category: value, when: count(purchase) >= 1 }
        segments:
          - { key: best, when: tag(vip) }
        """;

    private static readonly FixedClock Clock = new(SmallShop.Noon);

    private readonly ViewsInMemory _views = new();
    private readonly ExploredStore _store = new(new NoChoice(StoreState.Empty));
    private readonly VersionsInMemory _versions = VersionsInMemory.Of(First);
    private RulebookRollover _tags;
    private SegmentRollover _segments;
    private CurrentRulebook _current;

    [SetUp]
    public async Task Members_of_a_segment()
    {
        _current = _versions.At(1);
        var share = new CurrentShare(WorkShare.Everything);
        var publisher = new ChangePublisher(_store, new Projecting(new(_views, _current)), _current, share);
        var rebuilder = new CustomerRebuilder(_store, _store, Clock);
        _tags = new(_store, new(_store, rebuilder, publisher, Clock), _current, new(_current), share);
        _segments = new(_views, _current, new(_current), Clock, _store);
        var committed = await new EventCommitter(_store, _store, _store, rebuilder, Clock).CommitAsync(
            [.. Enumerable.Range(0, Customers).Select(number => SmallShop.Purchase("a", $"customer {number:0000}", 1, SmallShop.Noon))], _current, CancellationToken.None);
        await publisher.PublishAsync(committed.Untold, CancellationToken.None);
        Assert.That(Crossings("segment.entered"), Is.EqualTo(Customers));
    }

    [Test]
    public async Task Nobody_is_told_of_a_move_that_neither_rulebook_calls_for()
    {
        await PublishAsync(First.Replace("vip", "good", StringComparison.Ordinal));

        foreach (var _ in Enumerable.Range(0, 4))
        {
            Assert.That(await _segments.RunAsync(CancellationToken.None), Is.Zero, "the tags are those of the rulebook before");
            Assert.That(_segments.IsWaiting);
        }

        Assert.That(await _tags.RunAsync(CancellationToken.None), Is.Zero);
        await UntilAllAreThroughAsync();
        Assert.That((Crossings("segment.entered"), Crossings("segment.exited")), Is.EqualTo((Customers, 0)), "who is in it stays in it");
    }

    [Test]
    public async Task Segments_alone_change_once_the_tags_were_looked_at()
    {
        await PublishAsync(First.Replace("when: tag(vip)", "when: not tag(vip)", StringComparison.Ordinal));
        Assert.That(await _tags.RunAsync(CancellationToken.None), Is.Zero);

        Assert.That(await _segments.RunAsync(CancellationToken.None), Is.EqualTo(Customers), "no message told of them");
        Assert.That(_segments.IsWaiting, Is.False);
        Assert.That((Crossings("segment.entered"), Crossings("segment.exited")), Is.EqualTo((Customers, Customers)));
    }

    private async Task PublishAsync(string content)
    {
        _versions.Publish(content);
        await _current.FollowAsync(CancellationToken.None);
    }

    private async Task UntilAllAreThroughAsync()
    {
        for (var run = 0; run < 4; run++)
        {
            await _segments.RunAsync(CancellationToken.None);
            if (!_segments.IsWaiting)
                break;
        }

        Assert.That(await _views.NotOfRulebookAsync(_current.Value.Version, null, 1, CancellationToken.None), Is.Empty);
        Assert.That(_segments.IsWaiting, Is.False);
    }

    private int Crossings(string type) => _views.Feed.Count(entry => entry.Type == type);

    private sealed class Projecting(TagChangeProjector projector) : IChangeSink
    {
        public Task PublishAsync(IReadOnlyList<TagsChanged> messages, CancellationToken cancellationToken) => projector.ProjectAsync(messages, cancellationToken);
    }
}
