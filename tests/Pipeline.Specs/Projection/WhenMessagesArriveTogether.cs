using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Doubles;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Projection.Changes;

namespace TaggingPipeline.Pipeline.Specs.Projection;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class WhenMessagesArriveTogether
{
    private readonly ViewsInMemory _views = new();
    private readonly TaskCompletionSource _storeAnswers = new();
    private ProjectionLine _line;

    [SetUp]
    public void SetUp()
    {
        _line = new(new(_views, new(Rulebooks.WithSegments(("best", "tag(vip)")))), new());
        _views.BeforeCommit = () => _storeAnswers.Task;
    }

    [Test]
    public async Task Those_that_come_during_a_commit_share_the_next()
    {
        var outcomes = Enumerable.Range(0, 20).Select(i => ProjectAsync(new ToldCustomer($"customer-{i}").Tells(("vip", true)))).ToArray();
        _storeAnswers.SetResult();

        Assert.That(await Task.WhenAll(outcomes), Has.All.EqualTo(ProjectionOutcome.Stored));
        Assert.That(_views.Commits.Select(commits => commits.Count), Is.EqualTo(new[] { 1, 19 }));
    }

    [Test]
    public async Task Those_of_one_message_share_a_commit()
    {
        _storeAnswers.SetResult();

        await _line.ProjectAsync([.. Enumerable.Range(0, 20).Select(i => new ToldCustomer($"customer-{i}").Tells(("vip", true)))]);

        Assert.That(_views.Commits.Select(commits => commits.Count), Is.EqualTo(new[] { 20 }));
    }

    [Test]
    public async Task Each_learns_what_became_of_it()
    {
        var (ann, bob) = (new ToldCustomer("ann"), new ToldCustomer("bob"));
        var missing = ann.Tells(("vip", true));
        var outcomes = new[] { bob.Tells(("vip", true)), ann.Tells(("tier", "low")), bob.Tells(("vip", null)) }.Select(ProjectAsync).ToArray();
        _storeAnswers.SetResult();

        Assert.That(await Task.WhenAll(outcomes), Is.EqualTo(new[] { ProjectionOutcome.Stored, ProjectionOutcome.Ahead, ProjectionOutcome.Stored }));
        Assert.That(await ProjectAsync(missing), Is.EqualTo(ProjectionOutcome.Stored));
    }

    [Test]
    public async Task A_failing_commit_fails_those_in_it_and_nobody_after()
    {
        var failed = ProjectAsync(new ToldCustomer("ann").Tells(("vip", true)));
        _views.BeforeCommit = () => Task.CompletedTask;
        _storeAnswers.SetException(new IOException("The store went away."));

        Assert.That(async () => await failed, Throws.InstanceOf<IOException>());
        Assert.That(await ProjectAsync(new ToldCustomer("bob").Tells(("vip", true))), Is.EqualTo(ProjectionOutcome.Stored));
    }

    private async Task<ProjectionOutcome> ProjectAsync(TagsChanged message) => (await _line.ProjectAsync([message])).Single();
}
