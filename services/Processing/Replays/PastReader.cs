using System.Runtime.CompilerServices;
using System.Text.Json;
using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Populations;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Processing.Replays;

/// <summary>A customer as of an instant of the past, made anew from the journal.</summary>
/// <param name="Rulebook">The rulebook that was in force at that instant, with the snapshot of the population that was.</param>
/// <param name="Late">How many events happened by then and arrived later: nobody could know of them then.</param>
public sealed record PastCustomer(string Customer, CustomerState State, Rulebook Rulebook, long Late)
{
    /// <summary>Whether the customer is a member of a segment of that rulebook.</summary>
    public bool IsIn(SegmentRule segment) =>
        segment.Holds(State.Tags.Where(tag => !tag.Value.IsMissing).ToDictionary(tag => tag.Key, tag => tag.Value, StringComparer.Ordinal), State.Facts.Traits);
}

/// <summary>Tells what customers had at an instant of the past: as it was recorded, and as the journal says today.</summary>
/// <remarks>
/// What is recorded is what was decided then. What is made anew knows of events that arrived later, and goes by the rulebook that was in force even where customers had yet to come under it: these are why the
/// two may differ.
/// </remarks>
public sealed class PastReader(IJournal journal, IChangeFeed feed, PopulationHistory populations, RulebookHistory rulebooks, CurrentRulebook current)
{
    private const int PageSize = 1_000;

    /// <summary>For each tag that the customer held, the change by which it came to its value.</summary>
    public async Task<IReadOnlyList<ChangeEnvelope>> ReadRecordedAsync(string customer, Instant at, CancellationToken cancellationToken)
    {
        var latest = new Dictionary<string, ChangeEnvelope>(StringComparer.Ordinal);
        var position = 0L;
        while (await feed.ReadOfCustomerAsync(customer, position, PageSize, cancellationToken) is { Count: > 0 } page)
        {
            position = page[^1].Position;
            foreach (var entry in page)
            {
                if (!entry.Type.StartsWith(ChangeFilter.TagPrefix, StringComparison.Ordinal))
                    continue;
                var change = JsonSerializer.Deserialize<ChangeEnvelope>(entry.Body.Span, ContractsJson.Options)!;
                if (Instant.FromDateTimeOffset(change.Time) <= at && !(latest.TryGetValue(change.Data.Key, out var known) && known.KeySequence > change.KeySequence))
                    latest[change.Data.Key] = change;
            }
        }

        return [.. latest.Values.Where(change => change.Data.Value is not null).OrderBy(change => change.Data.Key, StringComparer.Ordinal)];
    }

    /// <summary>The rulebook that was in force at an instant, with the snapshot of the population that was.</summary>
    /// <returns>As <see cref="RulebookHistory.AsOfAsync"/>.</returns>
    public async Task<(long Number, Rulebook? Rulebook)> RulebookAtAsync(Instant at, CancellationToken cancellationToken)
    {
        var (number, rulebook) = await rulebooks.AsOfAsync(at, cancellationToken);
        return (number, rulebook is null ? null : await populations.AsOfAsync(rulebook, at, current, cancellationToken));
    }

    /// <summary>The customers of whom there was an event by then, made anew, in the order of the journal.</summary>
    /// <param name="rulebook">From <see cref="RulebookAtAsync"/>.</param>
    public async IAsyncEnumerable<PastCustomer> RecomputeAsync(
        IReadOnlyCollection<string> customers, Instant at, Rulebook rulebook, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        FoldedCustomer? customer = null;
        var (late, isKnown) = (0L, false);
        await foreach (var journaled in journal.ReadManyAsync(customers, cancellationToken))
        {
            if (customer?.Customer != journaled.Customer)
            {
                if (isKnown)
                    yield return Finish(customer!);
                (customer, late, isKnown) = (new(journaled.Customer, null, rulebook, at, isPast: true), 0, false);
            }

            // Later ones could only change when tags change. One that waited then already makes the customer known.
            if (journaled.OccurredAt > at)
            {
                isKnown |= JournalReader.ReceivedAt(journaled) <= at;
                continue;
            }

            isKnown = true;
            late += JournalReader.ReceivedAt(journaled) > at ? 1 : 0;
            customer.Observe(journaled);
        }

        if (isKnown)
            yield return Finish(customer!);

        PastCustomer Finish(FoldedCustomer folded) => new(folded.Customer, CustomerState.Called(folded.Facts(), TagSet.Empty, rulebook, at, ChangeCause.Replay), rulebook, late);
    }
}
