using System.Runtime.CompilerServices;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Processing.Previews;

/// <summary>Tells who would move if a rulebook were published, and why. Writes nothing.</summary>
/// <remarks>
/// Every customer is decided twice as of one instant, under the rulebook in force and under the other, so that what differs is the rulebook's doing alone. Customers who
/// change while this goes on count as they were when they were looked at. Bounded memory, whatever the number of customers. Of all that are asked for at once one works, on
/// half of the cores (on two cores, on both), and the others wait: the rest of the process goes on beside. One to a process.
/// </remarks>
public sealed class RulebookPreview(ICustomerDocuments documents, IJournal journal, CurrentRulebook current, TimeProvider clock) : IDisposable
{
    private static readonly int Workers = Math.Max(2, Environment.ProcessorCount / 2);

    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Counts who moves.</summary>
    /// <param name="candidate">Its scores are measured by the snapshot of the population in force, where there is one.</param>
    public async Task<PreviewResult> RunAsync(Rulebook candidate, PreviewOptions options, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await CountAsync(TrialOf(candidate), options, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Everybody who moves in one tag or one segment, by ascending id.</summary>
    /// <remarks>Takes its turn page by page: whoever reads it slowly keeps nobody waiting.</remarks>
    public async IAsyncEnumerable<Mover> MoversAsync(Rulebook candidate, string? tag, string? segment, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var trial = TrialOf(candidate);
        var tally = new Tally(trial.InForce, trial.Candidate, examples: 0);
        using var pages = await CustomerPages.OfAsync(documents, sample: null, cancellationToken);
        while (await NextAsync() is { } movers)
        {
            foreach (var mover in movers)
                yield return mover;
        }

        async Task<List<Mover>?> NextAsync()
        {
            await _turn.WaitAsync(cancellationToken);
            try
            {
                if (await pages.NextAsync(cancellationToken) is not { } page)
                    return null;
                var loaded = (await documents.PeekAsync(page, cancellationToken)).ToDictionary(stored => stored.Customer, StringComparer.Ordinal);
                var movers = new List<Mover>();
                foreach (var stored in page.Select(loaded.GetValueOrDefault).OfType<CustomerDocument>())
                    movers.AddRange(tally.MoversOf(await TryAsync(stored, trial, cancellationToken), tag, segment));
                return movers;
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<PreviewResult> CountAsync(Trial trial, PreviewOptions options, CancellationToken cancellationToken)
    {
        using var pages = await CustomerPages.OfAsync(documents, options.Sample, cancellationToken);
        var parts = await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(
            async () =>
            {
                var tally = new Tally(trial.InForce, trial.Candidate, options.Examples);
                while (await pages.NextAsync(cancellationToken) is { } page)
                {
                    foreach (var stored in await documents.PeekAsync(page, cancellationToken))
                        tally.Add(await TryAsync(stored, trial, cancellationToken));
                }

                return tally;
            },
            cancellationToken)));
        return Tally.Sum(parts, trial.InForce.DecidesAs, trial.AsOf, pages.Passed);
    }

    private Trial TrialOf(Rulebook candidate) =>
        new(current.Value, current.Population is { } population ? candidate.With(population) : candidate, Revision.Now(clock));

    private async Task<CustomerPreview> TryAsync(CustomerDocument stored, Trial trial, CancellationToken cancellationToken)
    {
        var asOf = Instant.Max(trial.AsOf, stored.EvaluatedAt);
        var facts = stored.Facts.For(trial.InForce);
        if (facts is not null && trial.NeedsNothingNew)
            return CustomerPreview.Of(stored, facts, null, trial.InForce, trial.Candidate, asOf);

        // Kept for other measures than one of the rulebooks has: what they need is in the events. Both are decided by these, since an event may have come after the document was
        // read, and would look like the other rulebook's doing. What the document has to journal may come twice: only the last counts.
        var underInForce = new FactsBuilder(CustomerFacts.Of(trial.InForce), trial.InForce, asOf);
        var underCandidate = new FactsBuilder(CustomerFacts.Of(trial.Candidate), trial.Candidate, asOf);
        var journaled = await journal.ReadAsync(stored.Customer, cancellationToken);
        foreach (var body in journaled.Concat(stored.Unjournaled))
        {
            var observed = JournalReader.ToDomain(body);
            underInForce.Observe(observed);
            underCandidate.Observe(observed);
        }

        return CustomerPreview.Of(stored, underInForce.ToFacts(), underCandidate.ToFacts(), trial.InForce, trial.Candidate, asOf);
    }

    private sealed record Trial(Rulebook InForce, Rulebook Candidate, Instant AsOf)
    {
        /// <summary>Whether facts gathered under the rulebook in force are all that the candidate needs.</summary>
        public bool NeedsNothingNew { get; } = Candidate.KeepsTheFactsOf(InForce);
    }
}
