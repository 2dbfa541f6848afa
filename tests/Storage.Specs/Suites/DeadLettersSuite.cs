using System.Text;
using TaggingPipeline.Processing.DeadLetters;
using static TaggingPipeline.Storage.Specs.Suites.Samples;

namespace TaggingPipeline.Storage.Specs.Suites;

/// <summary>Keeping messages that could not be processed.</summary>
public abstract class DeadLettersSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    private static readonly DeadLetterFilter Any = new(null, null);

    [Test]
    public async Task A_letter_comes_back_as_it_was_added()
    {
        var full = DeadLetter.Of("tagging-events", "System.FormatException", "消息 \0 🦊", At(1), "application/json; charset=utf-8", new byte[] { 0, 255, 10, 13 });
        var bare = DeadLetter.Of("tagging-events", "unknown", "", At(2), null, ReadOnlyMemory<byte>.Empty);
        await DeadLetters.AddAsync(full, None);
        await DeadLetters.AddAsync(bare, None);

        var found = (await AnotherProcess().DeadLetters.FindAsync(full.Id, None))!;
        Assert.That(found with { Body = default }, Is.EqualTo(full with { Body = default }));
        Assert.That(found.Body.ToArray(), Is.EqualTo(full.Body.ToArray()));
        Assert.That((await DeadLetters.FindAsync(bare.Id, None))! with { Body = default }, Is.EqualTo(bare with { Body = default }));
        Assert.That(await DeadLetters.FindAsync("none", None), Is.Null);
    }

    [Test]
    public async Task The_same_failure_is_kept_once_and_a_later_one_of_the_same_message_apart()
    {
        await DeadLetters.AddAsync(Letter("events", "a", 1), None);
        await DeadLetters.AddAsync(Letter("events", "a", 1), None);
        await DeadLetters.AddAsync(Letter("events", "a", 2), None);

        Assert.That((await DeadLetters.ListAsync(Any, null, 10, None)).Select(letter => letter.FailedAt), Is.EqualTo(new[] { At(1), At(2) }));
    }

    [Test]
    public async Task They_are_listed_oldest_first_page_by_page_by_queue_and_reason_and_without_bodies()
    {
        foreach (var minute in new[] { 4, 2, 5, 1, 3 })
            await DeadLetters.AddAsync(Letter(minute % 2 == 0 ? "events" : "changes", minute > 3 ? "late" : "early", minute), None);

        var first = await DeadLetters.ListAsync(Any, null, 3, None);
        var rest = await DeadLetters.ListAsync(Any, first[^1].Id, 3, None);
        Assert.That(first.Concat(rest).Select(letter => letter.FailedAt), Is.EqualTo(Enumerable.Range(1, 5).Select(At)));
        Assert.That(first[0].Body.IsEmpty);
        Assert.That(await MinutesAsync(new("events", null)), Is.EqualTo(new[] { At(2), At(4) }));
        Assert.That(await MinutesAsync(new(null, "early")), Is.EqualTo(new[] { At(1), At(2), At(3) }));
        Assert.That(await MinutesAsync(new("changes", "late")), Is.EqualTo(new[] { At(5) }));
        Assert.That(await MinutesAsync(new("changes", "never")), Is.Empty);
    }

    [Test]
    public async Task They_are_counted_by_queue_and_reason()
    {
        await DeadLetters.AddAsync(Letter("events", "b", 3), None);
        await DeadLetters.AddAsync(Letter("events", "b", 1), None);
        await DeadLetters.AddAsync(Letter("events", "a", 2), None);
        await DeadLetters.AddAsync(Letter("changes", "b", 4), None);

        Assert.That(await DeadLetters.CountAsync(None), Is.EqualTo(new DeadLetterGroup[]
        {
            new("changes", "b", 1, At(4), At(4)), new("events", "a", 1, At(2), At(2)), new("events", "b", 2, At(1), At(3)),
        }));
    }

    [Test]
    public async Task A_letter_that_is_removed_is_gone()
    {
        var letter = Letter("events", "a", 1);
        await DeadLetters.AddAsync(letter, None);

        Assert.That(await DeadLetters.RemoveAsync(letter.Id, None), Is.True);
        Assert.That(await DeadLetters.RemoveAsync(letter.Id, None), Is.False);
        Assert.That(await DeadLetters.CountAsync(None), Is.Empty);
    }

    private static DeadLetter Letter(string queue, string reason, int minute) =>
        DeadLetter.Of(queue, reason, "it failed", At(minute), "application/json", Encoding.UTF8.GetBytes($"{reason} of {queue}"));

    private async Task<IEnumerable<NodaTime.Instant>> MinutesAsync(DeadLetterFilter filter) =>
        (await DeadLetters.ListAsync(filter, null, 10, None)).Select(letter => letter.FailedAt);
}
