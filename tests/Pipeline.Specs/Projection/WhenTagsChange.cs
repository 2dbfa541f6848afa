using System.Text;
using System.Text.Json;
using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Pipeline.Specs.Doubles;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Projection;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class WhenTagsChange
{
    private readonly ViewsInMemory _views = new();
    private readonly ToldCustomer _ann = new("ann");
    private readonly ToldCustomer _bob = new("bob");
    private CurrentRulebook _rulebook;
    private TagChangeProjector _projector;

    [SetUp]
    public void SetUp()
    {
        _rulebook = new(Rulebooks.WithSegments(
            ("best", "tag(vip) and tag(tier) = high"), ("british-best", "tag(vip) and tag(tier) = high and trait.country = \"GB\"")));
        _projector = new(_views, _rulebook);
    }

    [Test]
    public async Task The_view_holds_the_newest_tags_and_traits_by_key()
    {
        await Project(_ann.Tells(("vip", true), ("tier", "low")));
        await Project(_ann.TellsTrait("country", "GB"), _ann.Tells(("tier", "high"), ("spent", 12.50m)));

        var view = _views["ann"];
        Assert.That(view.Tags.Select(tag => (tag.Key, tag.Value)),
            Is.EqualTo(new[] { ("spent", Value.Of(12.5m)), ("tier", Value.Of("high")), ("vip", Value.True) }));
        Assert.That(view.Traits, Is.EqualTo(PropertyBag.Of(("country", Value.Of("GB")))));
        Assert.That((view.Revision, view.TagSequence, view.Rulebook), Is.EqualTo((3L, 4L, _rulebook.Value.Version)));
        Assert.That(view.Tags.Single(tag => tag.Key == "vip").Since, Is.EqualTo(At(1)));
    }

    [Test]
    public async Task Each_change_stands_in_the_feed_with_what_it_was_told_with()
    {
        await Project(_ann.Tells(("tier", "low")), _ann.Tells("time", true, ("tier", "high")), _ann.Tells(("tier", null)));

        Assert.That(_views.Feed.Select(entry => (entry.Id, entry.Type, entry.Key)), Is.EqualTo(new[]
        {
            ("ann:tag:1", "tag.added", "tier"), ("ann:tag:2", "tag.changed", "tier"), ("ann:tag:3", "tag.removed", "tier"),
        }));
        Assert.That(Encoding.UTF8.GetString(_views.Feed[1].Body.Span), Is.EqualTo(
            """
            {"specversion":"1.0","id":"ann:tag:2","source":"/tagging","type":"tag.changed","subject":"ann","time":"2024-03-01T12:02:00Z",
            "datacontenttype":"application/json","sequence":2,"keysequence":2,"cause":"time","data":{"key":"tier","category":"value",
            "previous":"low","value":"high","since":"2024-03-01T12:02:00Z","rulebook":"shop@evaluated",
            "reason":{"text":"because of 2","clauses":[],"events":["event-2"]}}}
            """.ReplaceLineEndings("")));
    }

    [Test]
    public async Task Segments_are_entered_and_left_with_a_number_a_reason_and_the_cause_of_the_message()
    {
        await Project(_ann.Tells(("vip", true), ("tier", "high")));
        await Project(_ann.TellsTrait("country", "GB"));
        await Project(_ann.Tells("time", true, ("vip", null)));

        var segmentChanges = SegmentChanges();
        Assert.That(segmentChanges.Select(change => (change.Id, change.Type, change.Data.Key, change.Sequence, change.KeySequence, change.Cause)), Is.EqualTo(new[]
        {
            ("ann:segment:1", "segment.entered", "best", 1L, 1L, "event"),
            ("ann:segment:2", "segment.entered", "british-best", 2L, 1L, "event"),
            ("ann:segment:3", "segment.exited", "best", 3L, 2L, "time"),
            ("ann:segment:4", "segment.exited", "british-best", 4L, 2L, "time"),
        }));
        Assert.That(segmentChanges[0].Time, Is.EqualTo(ToldCustomer.Start.AddMinutes(1)));
        Assert.That(segmentChanges[0].Data.Since, Is.EqualTo(ToldCustomer.Start.AddMinutes(1)));
        Assert.That(segmentChanges[0].Data.Rulebook, Is.EqualTo(_rulebook.Value.Version));
        Assert.That((segmentChanges[0].Data.Previous, segmentChanges[0].Data.Value?.ValueKind), Is.EqualTo(((JsonElement?)null, JsonValueKind.True)));
        Assert.That((segmentChanges[2].Data.Previous?.ValueKind, segmentChanges[2].Data.Value), Is.EqualTo((JsonValueKind.True, (JsonElement?)null)));
        Assert.That(segmentChanges, Has.All.Matches<ChangeEnvelope>(change => change.Data.Reason.Clauses.Count > 0));
        Assert.That(_views["ann"].Memberships, Is.EqualTo(new[] { new Membership("best", false, At(3), 2), new Membership("british-best", false, At(3), 2) }));
        Assert.That(_views["ann"].SegmentSequence, Is.EqualTo(4));
    }

    [Test]
    public async Task A_segment_change_stands_behind_the_tag_changes_that_made_it()
    {
        await Project(_ann.Tells(("vip", true), ("tier", "high")), _ann.Tells(("vip", null)));

        Assert.That(_views.Feed.Select(entry => entry.Id),
            Is.EqualTo(new[] { "ann:tag:1", "ann:tag:2", "ann:segment:1", "ann:tag:3", "ann:segment:2" }));
    }

    [Test]
    public async Task Many_customers_share_one_commit_and_are_numbered_apart()
    {
        await Project(_ann.Tells(("vip", true)), _bob.Tells(("vip", true)), _ann.Tells(("tier", "high")), _bob.Tells(("tier", "high")));

        Assert.That(_views.Commits, Has.Count.EqualTo(1));
        Assert.That(SegmentChanges().Select(change => change.Id), Is.EquivalentTo(new[] { "ann:segment:1", "bob:segment:1" }));
    }

    [Test]
    public async Task The_same_messages_again_change_nothing()
    {
        TagsChanged[] messages = [_ann.Tells(("vip", true), ("tier", "high")), _ann.Tells(("vip", null))];
        await Project(messages);
        var (view, feed, commits) = (_views["ann"], _views.Feed, _views.Commits.Count);

        var outcomes = await Project([messages[1], messages[0], messages[1]]);

        Assert.That(outcomes, Has.All.EqualTo(ProjectionOutcome.Stored));
        Assert.That(_views["ann"], Is.EqualTo(view));
        Assert.That(_views.Feed, Is.EqualTo(feed));
        Assert.That(_views.Commits, Has.Count.EqualTo(commits));
    }

    [Test]
    public async Task Changes_told_twice_because_their_publication_was_not_known_count_once()
    {
        var first = _ann.Tells("event", isPublished: false, ("vip", true));
        var both = _ann.Tells(("tier", "high"));

        await Project(both);
        await Project(first);

        Assert.That(_views.Feed.Select(entry => entry.Id), Is.EqualTo(new[] { "ann:tag:1", "ann:tag:2", "ann:segment:1" }));
        Assert.That(_views["ann"].Tags, Has.Length.EqualTo(2), "the late first message does not take the second one's state back");
    }

    private static Instant At(int minutes) => Instant.FromDateTimeOffset(ToldCustomer.Start.AddMinutes(minutes));

    private Task<IReadOnlyList<ProjectionOutcome>> Project(params TagsChanged[] messages) => _projector.ProjectAsync(messages, CancellationToken.None);

    private ChangeEnvelope[] SegmentChanges() =>
    [
        .. _views.Feed.Where(entry => entry.Type.StartsWith("segment.", StringComparison.Ordinal))
            .Select(entry => JsonSerializer.Deserialize<ChangeEnvelope>(entry.Body.Span, ContractsJson.Options)!),
    ];
}
