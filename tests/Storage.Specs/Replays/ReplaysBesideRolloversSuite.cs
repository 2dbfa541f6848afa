using System.Text.Json;
using NodaTime;
using NUnit.Framework;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Replays;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Storage.Specs.Suites;

namespace TaggingPipeline.Storage.Specs.Replays;

/// <summary>Replays while customers have yet to come under the rulebook in force, and while it is replaced.</summary>
public abstract class ReplaysBesideRolloversSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    private const string Spenders = """
        rulebook: shop
        timezone: Europe/London
        tags:
          - { key: spent, category: value, value: sum(purchase.total) }
        segments:
          - { key: spenders, when: tag(spent) >= 100 }

        """;

    [Test]
    public async Task A_replay_that_tells_nobody_leaves_to_the_roll_over_what_the_rulebook_changes()
    {
        var shop = new ReplayedShop(AnotherProcess());
        await shop.FillAsync();
        var position = await Feed.NewestPositionAsync(None);
        shop.Current.Replace(ReplayedShop.OtherMeasures);

        var report = (await shop.ReplayAsync(new() { Apply = true, TellsChanges = false })).Report;

        Assert.That((report.Written, report.LeftForLater), Is.EqualTo((0L, 6L)));
        Assert.That(report.Left.Select(left => left.Reason), Has.All.EqualTo(LeftReason.AwaitsRollover));
        await shop.Rollover.RunAsync(None);
        var told = (await ToldAsync(position)).Where(change => change.Data.Key == "dearest").ToArray();
        Assert.That(told.Select(change => (change.Subject, change.Cause)), Is.EquivalentTo(new[] { ("ann", "rulebook"), ("bob", "rulebook"), ("cleo", "rulebook"), ("erik", "rulebook") }));
        Assert.That((await shop.ReplayAsync(new() { Apply = true, TellsChanges = false }, "replay-2")).Report.Same, Is.EqualTo(6));
    }

    [Test]
    public async Task Of_what_nobody_is_told_the_memberships_that_definitions_change_are_told_all_the_same()
    {
        var shop = new ReplayedShop(AnotherProcess(), Compile(Spenders));
        await shop.FillAsync();
        shop.Current.Replace(Compile(Spenders + "  - { key: buyers, when: tag(spent) >= 1 }\n"));
        await shop.Rollover.RunAsync(None);
        await Customers.CommitAsync([Samples.Append([EventMapping.ToJournal(
            ReplayedShop.Event("e-2", "erik", "purchase", "Order Refunded", shop.Clock.Now, """{"order_id": "e-1", "total": 390}"""))])], None);
        var position = await Feed.NewestPositionAsync(None);
        shop.Clock.Now += Duration.FromMinutes(1);

        var report = (await shop.ReplayAsync(new() { Apply = true, TellsChanges = false })).Report;

        Assert.That((report.Written, report.LeftForLater), Is.EqualTo((1L, 0L)));
        var told = (await ToldAsync(position)).Single();
        Assert.That((told.Subject, told.Type, told.Data.Key, told.Cause, told.Data.Run), Is.EqualTo(("erik", "segment.entered", "buyers", "rulebook", (string?)null)));
        Assert.That((told.Sequence, told.KeySequence), Is.EqualTo((2L, 1L)), "behind his entering spenders, with no gap for his leaving it");
        var view = (await Views.LoadAsync(["erik"], None))[0];
        Assert.That(view.Memberships.Select(membership => (membership.Segment, membership.IsMember, membership.KeySequence, membership.Quiet)),
            Is.EqualTo(new[] { ("buyers", true, 1L, 0L), ("spenders", false, 1L, 1L) }));
        Assert.That(view.SegmentSequence, Is.EqualTo(2));
        Assert.That(await History.MembersAtAsync("spenders", shop.Clock.Now, null, 9, None), Is.Empty, "the history has what nobody was told");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task One_under_another_rulebook_or_as_of_the_past_fails_where_the_one_in_force_is_replaced(bool isOfThePast)
    {
        var filling = new ReplayedShop(AnotherProcess());
        await filling.FillAsync();
        ReplayedShop shop = null!;
        var arriving = new ArrivingJournal(Journal, () => { shop.Current.Replace(ReplayedShop.OtherMeasures); return Task.CompletedTask; });
        shop = new(AnotherProcess() with { Journal = arriving }, clock: filling.Clock);

        // There is but one page: it is noticed after it too.
        var run = await shop.ReplayAsync(isOfThePast ? new() { At = filling.Clock.Now } : new() { Rulebook = Spenders });

        Assert.That((run.State, run.Failure), Is.EqualTo((ReplayState.Failed, run.Failure)));
        Assert.That(run.Failure, Does.Contain(ReplayedShop.Rulebook.DecidesAs).And.Contain(ReplayedShop.OtherMeasures.DecidesAs).And.Contain("begin another"));
    }

    [Test]
    public async Task One_under_another_rulebook_that_was_left_under_one_in_force_does_not_go_on_under_the_next()
    {
        var shop = new ReplayedShop(AnotherProcess());
        await shop.FillAsync();
        var begun = await shop.ReplayAsync(new() { Rulebook = Spenders });
        var left = (await Replays.FindAsync(begun.Id, None))! with { State = ReplayState.Queued, Version = begun.Version + 1, EndedAt = null };
        await Replays.SaveAsync(left, None);

        var run = await new ReplayedShop(AnotherProcess(), ReplayedShop.OtherMeasures, shop.Clock).Runner.RunAsync(left, None);

        Assert.That((begun.State, run.State), Is.EqualTo((ReplayState.Done, ReplayState.Failed)));
    }

    private async Task<ChangeEnvelope[]> ToldAsync(long after) =>
        [.. (await Feed.ReadAsync(after, 100, None)).Select(entry => JsonSerializer.Deserialize<ChangeEnvelope>(entry.Body.Span, ContractsJson.Options)!)];

    private static Rulebook Compile(string yaml) => RulebookFile.Compile(yaml) is { Rulebook: { } compiled } ? compiled : throw new InvalidOperationException(yaml);
}
