using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;

/// <summary>
/// Nothing acknowledged is lost; every event counts once; documents are what the journal's events in order come to, whatever the order of their arrival; changes are
/// numbered without gaps and each is told.
/// </summary>
internal sealed class Promises(IReadOnlyList<IReadOnlyList<ShopEvent>> deliveries, Rulebook rulebook) : IPromises
{
    public string? BrokenUnderWay(StoreState state)
    {
        foreach (var delivery in state.Acknowledged)
        {
            foreach (var acknowledged in deliveries[delivery])
            {
                if (!state.Journal.ContainsKey(new(acknowledged.CustomerId, acknowledged.EventId)))
                    return $"{acknowledged.EventId} of {acknowledged.CustomerId} was acknowledged and is not in the journal";
            }
        }

        return state.Faults.FirstOrDefault();
    }

    public string? BrokenAtEnd(StoreState state)
    {
        if (state.Acknowledged.Count != deliveries.Count)
            return "a delivery was never acknowledged";
        if (state.Journal.Keys.Count(key => !Texts.IsMade(key.EventId)) != deliveries.SelectMany(events => events).DistinctBy(sent => (sent.CustomerId, sent.EventId)).Count())
            return "the journal does not hold each event once";
        var swept = Swept(state);
        return swept.Documents.Values.Select(document => BrokenFor(document, swept)).FirstOrDefault(broken => broken is not null) ?? BrokenUnderWay(swept);
    }

    /// <summary>What the next sweep makes of it, which tells what a crash left in an outbox.</summary>
    private StoreState Swept(StoreState state)
    {
        var choices = new NoChoice(state);
        var store = new ExploredStore(choices);
        var sweep = new ChangePublisher(store, store, new CurrentRulebook(rulebook), new(WorkShare.Everything)).SweepAsync(CancellationToken.None);
        Assert.That(sweep.IsCompletedSuccessfully, Is.True, "the sweep waits for nothing but the store");
        return choices.State;
    }

    private string? BrokenFor(CustomerDocument document, StoreState state)
    {
        var customer = document.Customer;
        var journaled = state.Journal.Values.Where(known => known.Customer == customer)
            .Concat(document.Unjournaled.Where(made => !state.Journal.ContainsKey(made.Key)))
            .OrderBy(known => known.OccurredAt).ThenBy(known => known.EventId, StringComparer.Ordinal).ToList();
        var facts = CustomerFacts.Of(rulebook);
        foreach (var known in journaled)
            facts = Tagging.Observe(facts, EventMapping.ToDomain(EventMapping.FromJournal(known)), rulebook, document.EvaluatedAt);
        facts = Tagging.Settle(facts, rulebook, document.EvaluatedAt);
        if (!facts.Encode().AsSpan().SequenceEqual(document.Facts.Bytes))
            return $"the facts of {customer} are not those of its journal ({string.Join(", ", journaled.Select(known => known.EventId))})";

        var inOrder = Tagging.Decide(facts, TagSet.Empty, rulebook, document.EvaluatedAt, ChangeCause.Event);
        if (!inOrder.Tags.Held.Select(Outcome).SequenceEqual(document.Tags.Held.Select(Outcome)))
            return $"the tags of {customer} are {string.Join(", ", document.Tags.Held.Select(Outcome))} and should be {string.Join(", ", inOrder.Tags.Held.Select(Outcome))}";
        if (document.Applied.FirstOrDefault(id => !state.Journal.ContainsKey(new(customer, id))) is { } applied)
            return $"{applied} of {customer} still counts as applied and not journaled";
        return document.Outbox is null ? BrokenNumbers(document, state) : $"the outbox of {customer} was not told";
    }

    private static string? BrokenNumbers(CustomerDocument document, StoreState state)
    {
        var values = new Dictionary<string, (long Number, string Value)>(StringComparer.Ordinal);
        for (var sequence = 1L; sequence <= document.Tags.Sequence; sequence++)
        {
            if (!state.Told.TryGetValue($"{document.Customer}:tag:{sequence}", out var change))
                return $"change {sequence} of {document.Customer} was never told";
            var before = values.GetValueOrDefault(change.Key, (0, ""));
            if (change.Sequence != sequence || change.KeySequence != before.Number + 1 || $"{change.Previous}" != before.Value)
                return $"change {sequence} of {document.Customer} does not follow the one before it";
            values[change.Key] = (change.KeySequence, $"{change.Value}");
        }

        var told = state.Told.Values.Count(change => change.Id.StartsWith($"{document.Customer}:tag:", StringComparison.Ordinal));
        if (told != document.Tags.Sequence)
            return $"more changes of {document.Customer} were told than its document counts";
        return values.Where(value => value.Value.Value.Length > 0).Select(value => value.Key).Order(StringComparer.Ordinal)
            .SequenceEqual(document.Tags.Held.Select(tag => tag.Key).Order(StringComparer.Ordinal))
            ? null
            : $"the changes of {document.Customer} do not lead to its tags";
    }

    private static (string Key, Value Value, NodaTime.Instant? ChangesAt) Outcome(TagState tag) => (tag.Key, tag.Value, tag.ChangesAt);
}
