using System.Text.Json;
using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Doubles;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Projection;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class WhenTheRulebookIsReplaced
{
    private static readonly DateTimeOffset Now = ToldCustomer.Start.AddDays(1);

    private readonly ViewsInMemory _views = new();
    private readonly ToldCustomer _ann = new("ann");
    private CurrentRulebook _rulebook;
    private TagChangeProjector _projector;
    private SegmentRollover _rollover;

    [SetUp]
    public void SetUp()
    {
        _rulebook = new(Rulebooks.WithSegments(("kept", "tag(vip)"), ("dropped", "tag(vip)")));
        _projector = new(_views, _rulebook);
        _rollover = new(_views, _rulebook, new(_rulebook), new HurriedClock(Now));
    }

    [Test]
    public async Task Views_are_evaluated_again_page_by_page()
    {
        var customers = Enumerable.Range(0, 1203).Select(i => new ToldCustomer($"customer-{i}")).ToArray();
        await Project([.. customers.Select(customer => customer.Tells(("vip", true)))]);

        _rulebook.Replace(Rulebooks.WithSegments(("kept", "tag(vip)"), ("new", "not tag(tier)")));
        var rolled = await _rollover.RunAsync(CancellationToken.None);

        Assert.That(rolled, Is.EqualTo(1203));
        var counts = await _views.SegmentCountsAsync(CancellationToken.None);
        Assert.That(counts, Is.EquivalentTo(new Dictionary<string, long> { ["kept"] = 1203, ["dropped"] = 0, ["new"] = 1203 }));
        Assert.That(await _rollover.RunAsync(CancellationToken.None), Is.Zero);
    }

    [Test]
    public async Task Changes_say_that_the_rulebook_caused_them_and_when_it_came()
    {
        await Project(_ann.Tells(("vip", true)));

        _rulebook.Replace(Rulebooks.WithSegments(("kept", "tag(vip)"), ("new", "not tag(tier)")));
        await _rollover.RunAsync(CancellationToken.None);

        var changes = SegmentChanges().Skip(2).ToArray();
        Assert.That(changes.Select(change => (change.Id, change.Type, change.Data.Key, change.KeySequence, change.Cause, change.Time)), Is.EqualTo(new[]
        {
            ("ann:segment:3", "segment.entered", "new", 1L, "rulebook", Now),
            ("ann:segment:4", "segment.exited", "dropped", 2L, "rulebook", Now),
        }));
        Assert.That(changes, Has.All.Matches<ChangeEnvelope>(change => change.Data.Rulebook == _rulebook.Value.Version));
        Assert.That(_views["ann"].Memberships.Single(membership => membership.Segment == "dropped"),
            Is.EqualTo(new Membership("dropped", false, Instant.FromDateTimeOffset(Now), 2)));
    }

    [Test]
    public async Task A_segment_that_comes_back_goes_on_with_its_numbers()
    {
        await Project(_ann.Tells(("vip", true)));
        foreach (var segments in new (string, string)[][] { [("kept", "tag(vip)")], [("kept", "tag(vip)"), ("dropped", "tag(vip)")] })
        {
            _rulebook.Replace(Rulebooks.WithSegments(segments));
            await _rollover.RunAsync(CancellationToken.None);
        }

        Assert.That(SegmentChanges().Where(change => change.Data.Key == "dropped").Select(change => (change.Type, change.KeySequence)),
            Is.EqualTo(new[] { ("segment.entered", 1L), ("segment.exited", 2L), ("segment.entered", 3L) }));
    }

    [Test]
    public async Task A_message_that_comes_before_the_roll_over_keeps_its_own_cause_for_what_it_did_itself()
    {
        await Project(_ann.Tells(("vip", true)));
        _rulebook.Replace(Rulebooks.WithSegments(("kept", "tag(vip)"), ("new", "not tag(tier)"), ("spender", "tag(spent) > 10")));
        _ann.DecidedBy = _rulebook.Value.DecidesAs;

        await Project(_ann.Tells(("spent", 11)));

        Assert.That(SegmentChanges().Skip(2).Select(change => (change.Type, change.Data.Key, change.Cause)), Is.EqualTo(new[]
        {
            ("segment.entered", "new", "rulebook"), ("segment.entered", "spender", "event"), ("segment.exited", "dropped", "rulebook"),
        }));
        Assert.That(await _rollover.RunAsync(CancellationToken.None), Is.Zero, "the message has brought the view over");
    }

    [Test]
    public async Task A_membership_never_changes_before_it_came_to_be_whatever_the_clocks_say()
    {
        await Project(_ann.Tells(("vip", true)));
        _rulebook.Replace(Rulebooks.WithSegments(("kept", "tag(vip)"), ("new", "tag(vip)")));
        await _rollover.RunAsync(CancellationToken.None);

        // Decided a day before the roll-over, by its own clock.
        await Project(_ann.Tells(("vip", null)));

        var crossings = _views.Commits.SelectMany(commits => commits).SelectMany(commit => commit.Crossings).Where(crossing => crossing.Segment == "new").ToArray();
        Assert.That(crossings.Select(crossing => (crossing.IsMember, crossing.KeySequence)), Is.EqualTo(new[] { (true, 1L), (false, 2L) }));
        Assert.That(crossings.Select(crossing => crossing.Since), Is.All.EqualTo(Instant.FromDateTimeOffset(Now)));
        Assert.That(_views["ann"].Memberships.Single(membership => membership.Segment == "kept").Since, Is.LessThan(Instant.FromDateTimeOffset(Now)));
    }

    [Test]
    public async Task A_view_that_changes_under_the_roll_over_is_looked_at_again()
    {
        await Project(_ann.Tells(("vip", true)));
        var meanwhile = _ann.Tells(("vip", null));
        var stale = new TagChangeProjector(_views, new(_rulebook.Value));
        _rulebook.Replace(Rulebooks.WithSegments(("new", "not tag(vip)")));
        OnceBeforeCommit(() => stale.ProjectAsync([meanwhile], CancellationToken.None));

        await _rollover.RunAsync(CancellationToken.None);

        Assert.That(_views["ann"].Memberships.Where(membership => membership.IsMember).Select(membership => membership.Segment), Is.EqualTo(new[] { "new" }));
    }

    [Test]
    public async Task A_view_saved_after_the_roll_over_passed_it_is_brought_over_by_the_projector()
    {
        var replacement = Rulebooks.WithSegments(("new", "tag(vip)"));
        _ann.DecidedBy = replacement.DecidesAs;
        OnceBeforeCommit(async () =>
        {
            _rulebook.Replace(replacement);
            await _rollover.RunAsync(CancellationToken.None);
        });

        await Project(_ann.Tells(("vip", true)));

        Assert.That(_views["ann"].Rulebook, Is.EqualTo(replacement.Version));
        Assert.That(_views["ann"].Memberships.Single(membership => membership.Segment == "new").IsMember);
    }

    [Test]
    public async Task Tags_that_the_rulebook_before_decided_move_nobody_until_they_come_over()
    {
        await Project(_ann.Tells(("vip", true)));
        _rulebook.Replace(Rulebooks.WithSegments(("kept", "tag(tier)"), ("dropped", "tag(vip)")));

        await Project(_ann.Tells(("spent", 11)));

        Assert.That(SegmentChanges().Select(change => change.Type), Is.EqualTo(new[] { "segment.entered", "segment.entered" }), "the message was on its way while the rulebook came");
        Assert.That(_views["ann"].Tags.Select(tag => tag.Key), Is.EqualTo(new[] { "spent", "vip" }));
        _ann.DecidedBy = _rulebook.Value.DecidesAs;
        await Project(_ann.Tells(("vip", null), ("tier", "gold")));
        Assert.That(SegmentChanges().Skip(2).Select(change => (change.Type, change.Data.Key)), Is.EqualTo(new[] { ("segment.exited", "dropped") }), "who is in the segment stays in it");
    }

    [Test]
    public async Task A_projector_that_is_behind_takes_up_the_version_that_decided_what_it_is_told()
    {
        var versions = VersionsInMemory.Of(Published("tag(vip)"), Published("not tag(vip)"));
        var behind = versions.At(1);
        var ann = new ToldCustomer("ann") { DecidedBy = versions.At(2).Value.DecidesAs };

        await new TagChangeProjector(_views, behind).ProjectAsync([ann.Tells(("vip", true))], CancellationToken.None);

        Assert.That((_views["ann"].RulebookNumber, IsMember("best"), behind.Value.Number), Is.EqualTo((2, false, 2)));
        Assert.That(SegmentChanges(), Is.Empty, "nobody is told of what the segments before make of these tags");
    }

    [Test]
    public async Task A_projector_that_is_behind_takes_the_later_version_up_and_no_view_back()
    {
        var versions = VersionsInMemory.Of(Published("tag(vip)"), Published("not tag(vip)"));
        var (behind, ahead) = (versions.At(1), versions.At(2));
        var ann = new ToldCustomer("ann") { DecidedBy = behind.Value.DecidesAs };
        await new TagChangeProjector(_views, ahead).ProjectAsync([ann.Tells(("vip", true))], CancellationToken.None);
        Assert.That((_views["ann"].RulebookNumber, IsMember("best")), Is.EqualTo((2, false)));

        await new TagChangeProjector(_views, behind).ProjectAsync([ann.Tells(("spent", 11))], CancellationToken.None);

        Assert.That((_views["ann"].RulebookNumber, IsMember("best"), behind.Value.Number), Is.EqualTo((2, false, 2)));
    }

    [Test]
    public async Task A_roll_over_that_is_behind_takes_no_view_back()
    {
        var versions = VersionsInMemory.Of(Published("tag(vip)"), Published("not tag(vip)"));
        var (behind, ahead) = (versions.At(1), versions.At(2));
        await new TagChangeProjector(_views, ahead).ProjectAsync([_ann.Tells(("vip", true))], CancellationToken.None);
        var before = _views["ann"];

        Assert.That(await new SegmentRollover(_views, behind, new(behind), new HurriedClock(Now)).RunAsync(CancellationToken.None), Is.Zero);

        Assert.That(_views["ann"], Is.SameAs(before));
        Assert.That(behind.Value.Number, Is.EqualTo(2));
    }

    [Test]
    public async Task A_view_that_comes_under_a_later_version_while_it_is_rolled_over_is_not_taken_back()
    {
        var versions = VersionsInMemory.Of(Published("tag(tier)"), Published("tag(vip)"), Published("not tag(vip)"));
        var ann = new ToldCustomer("ann") { DecidedBy = versions.At(1).Value.DecidesAs };
        await new TagChangeProjector(_views, versions.At(1)).ProjectAsync([ann.Tells(("vip", true))], CancellationToken.None);
        ann.DecidedBy = versions.At(3).Value.DecidesAs;
        var later = ann.Tells(("spent", 11));
        OnceBeforeCommit(() => new TagChangeProjector(_views, versions.At(3)).ProjectAsync([later], CancellationToken.None));
        var behind = versions.At(2);

        await new SegmentRollover(_views, behind, new(behind), new HurriedClock(Now)).RunAsync(CancellationToken.None);

        Assert.That((_views["ann"].RulebookNumber, IsMember("best")), Is.EqualTo((3, false)));
    }

    private static string Published(string best) => $$"""
        rulebook: shop
        tags:
          - { key: vip, category: value, when: "count(purchase) >= 2" }
          - { key: tier, category: value, when: "count(purchase) >= 5" }
          - { key: spent, category: value, value: sum(purchase.total) }
        segments:
          - { key: best, when: "{{best}}" }
        """;

    private bool IsMember(string segment) => _views["ann"].Memberships.Any(membership => membership.Segment == segment && membership.IsMember);

    private void OnceBeforeCommit(Func<Task> act) => _views.BeforeCommit = () =>
    {
        _views.BeforeCommit = () => Task.CompletedTask;
        return act();
    };

    private Task<IReadOnlyList<ProjectionOutcome>> Project(params TagsChanged[] messages) => _projector.ProjectAsync(messages, CancellationToken.None);

    private ChangeEnvelope[] SegmentChanges() =>
    [
        .. _views.Feed.Where(entry => entry.Type.StartsWith("segment.", StringComparison.Ordinal))
            .Select(entry => JsonSerializer.Deserialize<ChangeEnvelope>(entry.Body.Span, ContractsJson.Options)!),
    ];
}
