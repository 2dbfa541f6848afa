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
    public async Task A_crash_between_view_and_feed_tells_everything_once_when_the_message_comes_again()
    {
        var message = _ann.Tells(("vip", true), ("tier", "high"));
        _views.DiesAfterSaving = true;

        Assert.That(async () => await Project(message), Throws.InstanceOf<IOException>());
        Assert.That(_views.Feed, Is.Empty);
        await Project(message);
        await Project(message);

        Assert.That(_views.Feed.Select(entry => entry.Id), Is.EqualTo(new[] { "ann:tag:1", "ann:tag:2", "ann:segment:1" }));
        Assert.That(_views["ann"].Version, Is.EqualTo(1));
    }

    [Test]
    public async Task What_a_crash_kept_from_the_feed_comes_before_what_a_later_message_tells()
    {
        var first = _ann.Tells(("vip", true));
        var second = _ann.Tells(("vip", null));
        _views.DiesAfterSaving = true;

        Assert.That(async () => await Project(first), Throws.InstanceOf<IOException>());
        await Project(second);
        await Project(first);

        Assert.That(_views.Feed.Select(entry => (entry.Id, entry.Type)), Is.EqualTo(new[]
        {
            ("ann:tag:1", "tag.added"), ("ann:segment:1", "segment.entered"), ("ann:tag:2", "tag.removed"), ("ann:segment:2", "segment.exited"),
        }), "what was decided before the crash is not decided anew under the same number");
    }

    private Task<IReadOnlyList<ProjectionOutcome>> Project(params TagsChanged[] messages) => _projector.ProjectAsync(messages, CancellationToken.None);
}
