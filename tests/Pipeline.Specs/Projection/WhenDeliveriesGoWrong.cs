using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Doubles;
using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Pipeline.Specs.Projection;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class WhenDeliveriesGoWrong
{
    private readonly ViewsInMemory _views = new();
    private readonly ToldCustomer _ann = new("ann");
    private readonly ToldCustomer _bob = new("bob");
    private TagChangeProjector _projector;

    [SetUp]
    public void SetUp() => _projector = new(_views, new(Rulebooks.WithSegments(("best", "tag(vip)"))));

    [Test]
    public async Task A_message_that_overtook_another_is_reported_and_nothing_of_it_is_taken()
    {
        var first = _ann.Tells(("vip", true));
        var second = _ann.Tells(("tier", "high"));

        var outcomes = await Project(second, _bob.Tells(("vip", true)));

        Assert.That(outcomes, Is.EqualTo(new[] { ProjectionOutcome.Ahead, ProjectionOutcome.Stored }));
        Assert.That(_views.Feed.Select(entry => entry.Customer), Has.All.EqualTo("bob"), "other customers do not wait for it");
        Assert.That(await Project(first), Is.EqualTo(new[] { ProjectionOutcome.Stored }));
        Assert.That(await Project(second), Is.EqualTo(new[] { ProjectionOutcome.Stored }));
        Assert.That(_views["ann"].TagSequence, Is.EqualTo(2));
    }

    [Test]
    public async Task A_message_without_changes_of_its_own_also_waits_for_those_before_it()
    {
        var first = _ann.Tells(("vip", true));
        var trait = _ann.TellsTrait("country", "GB");

        Assert.That(await Project(trait), Is.EqualTo(new[] { ProjectionOutcome.Ahead }));
        Assert.That(await Project(trait, first), Has.All.EqualTo(ProjectionOutcome.Stored), "together they are put in order");
    }

    [Test]
    public async Task Who_loses_the_race_for_a_view_starts_again_from_the_view_that_won()
    {
        var (first, second) = (_ann.Tells("event", isPublished: false, ("vip", true)), _ann.Tells(("vip", null)));
        var rival = new TagChangeProjector(_views, new(Rulebooks.WithSegments(("best", "tag(vip)"))));
        _views.BeforeCommit = async () =>
        {
            _views.BeforeCommit = () => Task.CompletedTask;
            await rival.ProjectAsync([first], CancellationToken.None);
        };

        await Project(second, _bob.Tells(("vip", true)));

        Assert.That(_views.Feed.Where(entry => entry.Customer == "ann").Select(entry => entry.Id),
            Is.EqualTo(new[] { "ann:tag:1", "ann:segment:1", "ann:tag:2", "ann:segment:2" }));
        Assert.That(_views["ann"].Version, Is.EqualTo(2));
        Assert.That(_views["bob"].Version, Is.EqualTo(1));
    }

    [Test]
    public async Task A_crash_between_feed_and_view_brings_the_same_entries_again()
    {
        var message = _ann.Tells(("vip", true), ("tier", "high"));
        _views.DiesAfterAppending = true;

        Assert.That(async () => await Project(message), Throws.InstanceOf<IOException>());
        var appended = _views.Feed;
        await Project(message);

        Assert.That(appended, Has.Count.EqualTo(3));
        Assert.That(_views.Feed, Is.EqualTo(appended));
        Assert.That(_views.Commits[1].Single().Entries.Select(entry => (entry.Id, Convert.ToHexString(entry.Body.Span))),
            Is.EqualTo(appended.Select(entry => (entry.Id, Convert.ToHexString(entry.Body.Span)))), "what is appended again is the same, byte for byte");
        Assert.That(_views["ann"].SegmentSequence, Is.EqualTo(1));
    }

    private Task<IReadOnlyList<ProjectionOutcome>> Project(params TagsChanged[] messages) => _projector.ProjectAsync(messages, CancellationToken.None);
}
