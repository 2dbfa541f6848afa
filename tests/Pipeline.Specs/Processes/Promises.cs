using TaggingPipeline.Contracts;

namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>What must be true of a store, whatever was killed on the way there.</summary>
public static class Promises
{
    /// <summary>Every acknowledged event is in the journal, once, and nothing else is.</summary>
    public static void NothingAcknowledgedIsLost(StoreContents contents, ShopEvents events, IEnumerable<int> acknowledged)
    {
        var expected = acknowledged.SelectMany(events.KeysOf).ToHashSet();

        Assert.That(contents.Journal, Is.Unique, "an event is in the journal twice");
        Assert.That(expected.Except(contents.Journal), Is.Empty, "acknowledged events are not in the journal");
        Assert.That(contents.Journal.Except(expected), Is.Empty, "the journal has events that nobody sent");
    }

    /// <summary>Each customer's changes are numbered 1, 2, 3 and so on, in the feed as well as in the document; and so are those of each key.</summary>
    public static void EveryChangeIsNumbered(StoreContents contents)
    {
        Assert.That(contents.Feed.Select(change => change.Id), Is.Unique, "a change is in the feed twice");
        foreach (var document in contents.Documents)
        {
            var changes = contents.Feed.Where(change => change.Subject == document.Customer).ToArray();
            var tagChanges = changes.Where(change => change.Type.StartsWith("tag.", StringComparison.Ordinal)).ToArray();
            Assert.That(tagChanges.Length, Is.EqualTo(document.Tags.Sequence), $"{document.Customer}'s last tag change in feed and document");
            AssertNumbered(document.Customer, tagChanges);
            AssertNumbered(document.Customer, changes.Except(tagChanges));
        }
    }

    /// <summary>Facts, tags with their values, and next wake-up of every customer.</summary>
    public static void StateIsThatOf(StoreContents undisturbed, StoreContents contents) => Assert.That(contents.States, Is.EquivalentTo(undisturbed.States));

    private static void AssertNumbered(string customer, IEnumerable<ChangeEnvelope> changes)
    {
        var numbers = changes.Select(change => change.Sequence).ToArray();
        Assert.That(numbers, Is.EqualTo(Enumerable.Range(1, numbers.Length)), $"numbers of {customer}'s changes");
        foreach (var ofKey in changes.GroupBy(change => change.Data.Key))
        {
            var keyNumbers = ofKey.Select(change => change.KeySequence).ToArray();
            Assert.That(keyNumbers, Is.EqualTo(Enumerable.Range(1, keyNumbers.Length)), $"numbers of {customer}'s changes of {ofKey.Key}");
        }
    }
}
