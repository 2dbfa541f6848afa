using System.Collections.Immutable;
using NUnit.Framework;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Replays;
using static TaggingPipeline.Storage.Specs.Suites.Samples;

namespace TaggingPipeline.Storage.Specs.Suites;

/// <summary>Keeping replays.</summary>
public abstract class ReplaysSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    [Test]
    public async Task A_replay_comes_back_as_it_was_saved()
    {
        var full = Run("重放-🦊") with
        {
            State = ReplayState.Failed,
            Options = new() { Apply = true, TellsChanges = false, Customers = AwkwardIds, Segment = "vip", Rulebook = "rulebook: 店\n", At = At(3), EventsPerSecond = 7, Parts = 3 },
            StartedAt = At(1),
            EndedAt = At(2),
            AsOf = At(3),
            Rulebook = "shop@1/p3",
            Expected = 5_000_000_000,
            Position = AwkwardIds[^1],
            WorkedSeconds = 1.25,
            Starts = 4,
            Failure = "\"quoted\"",
            Report = new()
            {
                Customers = 9, Events = 8, Same = 7, Different = 6, Written = 5, WithoutDocument = 4, WithoutEvents = 3, LeftForLater = 2,
                Left = [new("a b", LeftReason.Overtaken)],
                Tags = ImmutableSortedDictionary<string, TagCounts>.Empty.Add("vip", new(1, 2, 3)),
                Samples = [new("王小明", true, false, [.. EveryKindOfValue.Select((value, i) => new TagDifference($"t{i}", value, EveryKindOfValue[^(i + 1)]))])],
                Replayed = new(UInt128.MaxValue - 7, 9),
                Live = new(5, 8),
            },
        };
        Assert.That(await Replays.SaveAsync(full, None));

        var read = (await AnotherProcess().Replays.FindAsync(full.Id, None))!;

        Assert.That(ReplayJson.Write(read), Is.EqualTo(ReplayJson.Write(full)));
        Assert.That(read.Report.Samples[0].Tags, Is.EqualTo(full.Report.Samples[0].Tags));
        Assert.That((read.Report.Replayed, read.Report.Live, read.Options.At, read.State), Is.EqualTo((full.Report.Replayed, full.Report.Live, full.Options.At, full.State)));
        Assert.That(await Replays.FindAsync("another", None), Is.Null);
    }

    [Test]
    public async Task A_save_wins_only_over_the_version_before_it()
    {
        Assert.That(await Replays.SaveAsync(Run("r") with { Version = 2 }, None), Is.False, "there is none to win over");
        Assert.That(await Replays.SaveAsync(Run("r"), None));
        Assert.That(await Replays.SaveAsync(Run("r") with { State = ReplayState.Paused }, None), Is.False, "there is one already");
        Assert.That(await AnotherProcess().Replays.SaveAsync(Run("r") with { Version = 2, State = ReplayState.Running }, None));
        Assert.That(await Replays.SaveAsync(Run("r") with { Version = 2, State = ReplayState.Paused }, None), Is.False);
        Assert.That((await Replays.FindAsync("r", None))!.State, Is.EqualTo(ReplayState.Running));
    }

    [Test]
    public async Task Lists_are_in_order_of_creation_and_the_open_ones_come_first_come_first()
    {
        foreach (var (id, minute, state) in new[] { ("b", 2, ReplayState.Queued), ("a", 1, ReplayState.Done), ("d", 4, ReplayState.Paused), ("c", 4, ReplayState.Running), ("e", 5, ReplayState.Cancelled), ("f", 6, ReplayState.Failed) })
            await Replays.SaveAsync(Run(id) with { CreatedAt = At(minute), State = state }, None);

        Assert.That((await Replays.ListAsync(5, None)).Select(run => run.Id), Is.EqualTo(new[] { "f", "e", "d", "c", "b" }));
        Assert.That((await Replays.ListOpenAsync(None)).Select(run => run.Id), Is.EqualTo(new[] { "b", "c", "d" }));
    }

    private static ReplayRun Run(string id) => new() { Id = id, Version = 1, Options = new(), State = ReplayState.Queued, CreatedAt = At(0) };
}
