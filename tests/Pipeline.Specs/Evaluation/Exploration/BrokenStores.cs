using NodaTime;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;

/// <summary>Deliberate mistakes in the commit protocol, each put between the use cases and a sound store.</summary>
internal static class BrokenStores
{
    /// <summary>The journal is asked before the documents are read.</summary>
    public static Ports JournalReadFirst(string actor, IChoicePoints choices)
    {
        var sound = Ports.Of(choices);
        var early = new EarlyJournal(sound, choices);
        return actor == "delivery" ? sound with { Documents = early, Journal = early } : sound;
    }

    /// <summary>Applied ids are dropped at the next save, journaled or not.</summary>
    public static Ports AppliedDroppedEarly(string actor, IChoicePoints choices)
    {
        var sound = Ports.Of(choices);
        return actor == "delivery" ? sound with { Documents = new ForgetfulDocuments(sound.Documents) } : sound;
    }

    /// <summary>Events are journaled before the document that has them is saved.</summary>
    public static Ports JournalAppendedFirst(string actor, IChoicePoints choices)
    {
        var sound = Ports.Of(choices);
        return actor == "delivery" ? sound with { Documents = new HastyDocuments(sound.Documents) } : sound;
    }

    /// <summary>A rebuild does not look at applied ids.</summary>
    public static Ports RebuildIgnoresApplied(string actor, IChoicePoints choices)
    {
        var sound = Ports.Of(choices);
        return actor == "rebuild" ? sound with { Documents = new BlindDocuments(sound.Documents) } : sound;
    }

    /// <summary>What a decision made is journaled once, after the save, and not kept in the document.</summary>
    public static Ports UnjournaledForgotten(string actor, IChoicePoints choices)
    {
        var sound = Ports.Of(choices);
        return sound with { Documents = new CarelessDocuments(sound.Documents) };
    }

    /// <summary>Documents do not say which version of the rulebook decided them.</summary>
    public static Ports RulebookNumberForgotten(string actor, IChoicePoints choices)
    {
        var sound = Ports.Of(choices);
        return sound with { Documents = new UnnumberedDocuments(sound.Documents) };
    }

    private sealed class UnnumberedDocuments(ICustomerDocuments sound) : PassingDocuments(sound)
    {
        public override async Task<IReadOnlyList<CustomerDocument>> LoadAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) =>
            [.. (await base.LoadAsync(customers, cancellationToken)).Select(document => document with { RulebookNumber = 0 })];
    }

    private sealed class CarelessDocuments(ICustomerDocuments sound) : PassingDocuments(sound)
    {
        public override Task<IReadOnlyList<CommitResult>> CommitAsync(IReadOnlyList<CustomerCommit> commits, CancellationToken cancellationToken) =>
            base.CommitAsync([.. commits.Select(Forget)], cancellationToken);

        private static CustomerCommit Forget(CustomerCommit commit) => commit.Document is not { } document ? commit : commit with
        {
            Document = document with { Unjournaled = [] },
            Events = [.. commit.Events, .. document.Unjournaled],
        };
    }

    private sealed class EarlyJournal(Ports sound, IChoicePoints choices) : PassingDocuments(sound.Documents), IJournal
    {
        private IReadOnlyList<EventKey> _asOfEarlier = [];

        public override async Task<IReadOnlyList<CustomerDocument>> LoadAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken)
        {
            _asOfEarlier = await choices.StepAsync<IReadOnlyList<EventKey>>("reads the whole journal", state => (state, [.. state.Journal.Keys]));
            return await base.LoadAsync(customers, cancellationToken);
        }

        public Task<IReadOnlySet<EventKey>> KnownAsync(IReadOnlyCollection<EventKey> keys, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlySet<EventKey>>(keys.Intersect(_asOfEarlier).ToHashSet());

        public Task<IReadOnlyList<JournaledEvent>> ReadAsync(string customer, CancellationToken cancellationToken) =>
            sound.Journal.ReadAsync(customer, cancellationToken);

        public Task<IReadOnlyList<string>> CustomersAsync(string? after, int limit, CancellationToken cancellationToken) =>
            sound.Journal.CustomersAsync(after, limit, cancellationToken);

        public IAsyncEnumerable<JournaledEvent> ReadManyAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) =>
            sound.Journal.ReadManyAsync(customers, cancellationToken);

        public Task<IReadOnlyList<string>> WithoutEventsAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) =>
            sound.Journal.WithoutEventsAsync(customers, cancellationToken);

        Task<long> IJournal.CountAsync(CancellationToken cancellationToken) => sound.Journal.CountAsync(cancellationToken);
    }

    private sealed class ForgetfulDocuments(ICustomerDocuments sound) : PassingDocuments(sound)
    {
        public override Task<IReadOnlyList<CommitResult>> CommitAsync(IReadOnlyList<CustomerCommit> commits, CancellationToken cancellationToken) =>
            base.CommitAsync([.. commits.Select(Forget)], cancellationToken);

        private static CustomerCommit Forget(CustomerCommit commit) => commit.Document is not { } document ? commit : commit with
        {
            Document = document with { Applied = [.. document.Applied.Intersect(commit.Events.Select(journaled => journaled.EventId))] },
        };
    }

    private sealed class HastyDocuments(ICustomerDocuments sound) : PassingDocuments(sound)
    {
        public override async Task<IReadOnlyList<CommitResult>> CommitAsync(IReadOnlyList<CustomerCommit> commits, CancellationToken cancellationToken)
        {
            await base.CommitAsync([.. commits.Select(commit => commit with { Document = null })], cancellationToken);
            return await base.CommitAsync(commits, cancellationToken);
        }
    }

    private sealed class BlindDocuments(ICustomerDocuments sound) : PassingDocuments(sound)
    {
        public override async Task<IReadOnlyList<CustomerDocument>> LoadAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) =>
            [.. (await base.LoadAsync(customers, cancellationToken)).Select(document => document with { Applied = [] })];
    }

    /// <summary>Passes everything on as it is.</summary>
    private abstract class PassingDocuments(ICustomerDocuments sound) : ICustomerDocuments
    {
        public virtual Task<IReadOnlyList<CustomerDocument>> LoadAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) =>
            sound.LoadAsync(customers, cancellationToken);

        public Task<IReadOnlyList<CustomerDocument>> PeekAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) =>
            LoadAsync(customers, cancellationToken);

        public virtual Task<IReadOnlyList<CommitResult>> CommitAsync(IReadOnlyList<CustomerCommit> commits, CancellationToken cancellationToken) =>
            sound.CommitAsync(commits, cancellationToken);

        public Task ClearOutboxesAsync(IReadOnlyCollection<PublishedRevision> published, CancellationToken cancellationToken) =>
            sound.ClearOutboxesAsync(published, cancellationToken);

        public Task<IReadOnlyList<DueCustomer>> DueAsync(Instant until, DueCustomer? after, int limit, CancellationToken cancellationToken) =>
            sound.DueAsync(until, after, limit, cancellationToken);

        public Task<IReadOnlyList<string>> WithOutboxAsync(string? after, int limit, CancellationToken cancellationToken) =>
            sound.WithOutboxAsync(after, limit, cancellationToken);

        public Task<IReadOnlyList<string>> NotDecidedByAsync(string rulebookVersion, string? after, int limit, CancellationToken cancellationToken) =>
            sound.NotDecidedByAsync(rulebookVersion, after, limit, cancellationToken);

        public Task<long> CountNotDecidedByAsync(string rulebookVersion, CancellationToken cancellationToken) =>
            sound.CountNotDecidedByAsync(rulebookVersion, cancellationToken);

        public Task<IReadOnlyList<string>> IdsAsync(string? after, int limit, CancellationToken cancellationToken) => sound.IdsAsync(after, limit, cancellationToken);

        public Task<long> CountAsync(CancellationToken cancellationToken) => sound.CountAsync(cancellationToken);

        public Task<IReadOnlyList<CustomerDocument>> ScanAsync(string? after, int limit, CancellationToken cancellationToken) =>
            sound.ScanAsync(after, limit, cancellationToken);
    }
}
