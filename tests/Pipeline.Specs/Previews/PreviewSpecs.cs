using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Pipeline.Specs.Evaluation;
using TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;
using TaggingPipeline.Pipeline.Specs.Processes;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Previews;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Previews;

[TestFixture]
public sealed class When_a_rulebook_is_previewed
{
    private const int Customers = 120;

    private static readonly Instant Now = SmallShop.Noon + Duration.FromHours(7);

    [Test]
    public async Task It_tells_what_publishing_then_does()
    {
        var random = new Random(Kills.Seed);
        TestContext.Out.WriteLine($"Seed {Kills.Seed}");
        var (moved, fromJournal) = (0L, 0L);
        for (var round = 0; round < (Kills.IsLong ? 500 : 25); round++)
        {
            var (inForce, candidate) = (RandomShop.Rulebook(random), RandomShop.Rulebook(random));
            var store = await ShopAsync(inForce, Customers, random);
            var before = store.State;

            var told = await Preview(store, inForce).RunAsync(candidate, new() { Examples = Customers }, CancellationToken.None);

            Assert.That(store.State, Is.SameAs(before), "nothing is written");
            await DecideDueAsync(store, inForce);
            var asWere = store.State.Documents.Values.ToDictionary(document => document.Customer);
            await RollOverAsync(store, candidate);
            foreach (var (movements, valuesBefore, valuesAfter) in (ReadOnlySpan<(IReadOnlyList<Movement>, Func<CustomerDocument, Dictionary<string, Value>>, Func<CustomerDocument, Dictionary<string, Value>>)>)
                [(told.Tags, TagsOf, TagsOf), (told.Segments, document => SegmentsOf(document, inForce), document => SegmentsOf(document, candidate))])
            {
                foreach (var movement in movements)
                {
                    var naive = Naive(movement.Key, asWere, store.State.Documents, valuesBefore, valuesAfter);
                    Assert.That((movement.Enter, movement.Leave, movement.Change, movement.Stay), Is.EqualTo(naive), $"round {round}: {movement.Key}");
                    Assert.That(movement.Examples, Has.Length.EqualTo(movement.Enter + movement.Leave + movement.Change));
                    moved += movement.Examples.Length;
                }
            }

            Assert.That((told.Customers, told.Looked, told.IsExact), Is.EqualTo((Customers, Customers, true)));
            fromJournal += told.FromJournal;
        }

        Assert.That((moved, fromJournal), Is.Not.EqualTo((0, 0)));
    }

    [Test]
    public async Task An_event_that_comes_between_document_and_journal_is_not_the_rulebooks_doing()
    {
        var store = new NoChoice(StoreState.Empty);
        var committer = Committer(store, Now);
        await committer.CommitAsync([.. Enumerable.Range(0, Customers).Select(number => SmallShop.Purchase("a", $"customer {number:0000}", 8, Now))], new(SmallShop.Rulebook), CancellationToken.None);
        var late = new ExploredStore(new BeforeTheJournalIsRead(
            store, customer => committer.CommitAsync([SmallShop.Purchase("late", customer, 4, Now)], new(SmallShop.Rulebook), CancellationToken.None)));

        var told = await new RulebookPreview(late, late, new(SmallShop.Rulebook), new FixedClock(Now)).RunAsync(SmallShop.OtherMeasures, new(), CancellationToken.None);

        Assert.That(store.State.Journal, Has.Count.EqualTo(2 * Customers));
        Assert.That(told.FromJournal, Is.EqualTo(Customers));
        var spent = told.Tags.Single(tag => tag.Key == "spent");
        Assert.That((spent.Enter, spent.Leave, spent.Change, spent.Stay), Is.EqualTo((0, 0, 0, Customers)), "both have the same rule");
    }

    [Test]
    public async Task Everybody_who_moves_is_listed_with_the_reason()
    {
        var store = await ShopAsync(SmallShop.Rulebook, Customers, new(1));
        var preview = Preview(store, SmallShop.Rulebook);

        var movers = await preview.MoversAsync(SmallShop.SameMeasures, "spent", null, CancellationToken.None).ToListAsync();

        Assert.That(movers.Select(mover => mover.Customer), Is.EqualTo(store.State.Documents.Keys.Order(StringComparer.Ordinal)));
        Assert.That(movers.Select(mover => mover.Value.AsNumber), Is.EqualTo(movers.Select(mover => mover.Previous.AsNumber * 2)));
        Assert.That(movers.Select(mover => mover.Reason.Text), Has.All.Contain("sum(purchase.total)"));
    }

    [Test]
    public async Task Of_a_sample_the_counts_come_with_bounds_that_hold()
    {
        var random = new Random(3);
        var (rows, within) = (0, 0);
        for (var round = 0; round < 6; round++)
        {
            var (inForce, candidate) = (RandomShop.Rulebook(random), RandomShop.Rulebook(random));
            var preview = Preview(await ShopAsync(inForce, 1_500, random), inForce);
            var exact = await preview.RunAsync(candidate, new() { Examples = 0 }, CancellationToken.None);

            var sampled = await preview.RunAsync(candidate, new() { Sample = 300, Examples = 0 }, CancellationToken.None);

            Assert.That((sampled.Customers, sampled.IsExact), Is.EqualTo((1_500, false)));
            Assert.That(sampled.Looked, Is.InRange(200, 400));
            foreach (var (guess, truth) in sampled.Tags.Concat(sampled.Segments).Zip(exact.Tags.Concat(exact.Segments)))
            {
                foreach (var (guessed, counted) in (ReadOnlySpan<(long, long)>)[(guess.Enter, truth.Enter), (guess.Leave, truth.Leave), (guess.Change, truth.Change), (guess.Stay, truth.Stay)])
                {
                    var (_, least, most) = sampled.Estimate(guessed);
                    rows++;
                    within += least <= counted && counted <= most ? 1 : 0;
                }
            }
        }

        TestContext.Out.WriteLine($"{within} of {rows} within their bounds");
        Assert.That(within, Is.GreaterThan(rows * 0.93), "95 % are promised");
    }

    [Test]
    public async Task One_at_a_time_goes_through_the_customers_with_as_many_workers_as_one_may_have()
    {
        var gate = new Gate(await ShopAsync(SmallShop.Rulebook, 5_000, new(1)));
        var store = new ExploredStore(gate);
        using var preview = new RulebookPreview(store, store, new(SmallShop.Rulebook), new FixedClock(Now));
        using var cancellation = new CancellationTokenSource();
        var first = preview.RunAsync(SmallShop.SameMeasures, new(), CancellationToken.None);
        var second = preview.RunAsync(SmallShop.SameMeasures, new(), cancellation.Token);
        var list = preview.MoversAsync(SmallShop.SameMeasures, "spent", null, CancellationToken.None).CountAsync().AsTask();
        var last = preview.RunAsync(SmallShop.SameMeasures, new(), CancellationToken.None);

        await cancellation.CancelAsync();
        Assert.That(async () => await second.WaitAsync(TimeSpan.FromSeconds(20)), Throws.InstanceOf<OperationCanceledException>(), "who waits can go");
        gate.Open();

        Assert.That(((await first).Looked, (await last).Looked, await list), Is.EqualTo((5_000, 5_000, 5_000)));
        Assert.That(gate.MostAtOnce, Is.LessThanOrEqualTo(Math.Max(2, Environment.ProcessorCount / 2)), "two workers, or half as many as there are cores");
    }

    private static RulebookPreview Preview(NoChoice choices, Rulebook inForce)
    {
        var store = new ExploredStore(choices);
        return new(store, store, new(inForce), new FixedClock(Now));
    }

    /// <summary>Customers as they were decided some hours ago.</summary>
    private static async Task<NoChoice> ShopAsync(Rulebook rulebook, int customers, Random random)
    {
        var choices = new NoChoice(StoreState.Empty);
        var committer = Committer(choices, SmallShop.Noon);
        foreach (var events in Enumerable.Range(0, customers).Select(number => RandomShop.EventsOf($"customer {number:0000}", random, SmallShop.Noon)).Chunk(200))
            await committer.CommitAsync([.. events.SelectMany(each => each)], new(rulebook), CancellationToken.None);
        return choices;
    }

    private static EventCommitter Committer(NoChoice choices, Instant now)
    {
        var (store, clock) = (new ExploredStore(choices), new FixedClock(now));
        return new(store, store, store, new(store, store, clock), clock);
    }

    private static async Task DecideDueAsync(NoChoice choices, Rulebook rulebook)
    {
        var (store, current, share, clock) = (new ExploredStore(choices), new CurrentRulebook(rulebook), new CurrentShare(WorkShare.Everything), new FixedClock(Now));
        await new DueEvaluator(store, new(store, new(store, store, clock), new(store, store, current, share), clock), current, share, clock).RunAsync(CancellationToken.None);
    }

    private static async Task RollOverAsync(NoChoice choices, Rulebook rulebook)
    {
        var (store, current, share, clock) = (new ExploredStore(choices), new CurrentRulebook(rulebook), new CurrentShare(WorkShare.Everything), new FixedClock(Now));
        var left = await new RulebookRollover(store, new(store, new(store, store, clock), new(store, store, current, share), clock), current, new(current), share).RunAsync(CancellationToken.None);
        Assert.That(left, Is.Zero);
    }

    private static (long Enter, long Leave, long Change, long Stay) Naive(
        string key, Dictionary<string, CustomerDocument> before, ImmutableSortedDictionary<string, CustomerDocument> after,
        Func<CustomerDocument, Dictionary<string, Value>> valuesBefore, Func<CustomerDocument, Dictionary<string, Value>> valuesAfter)
    {
        var pairs = before.Keys.Select(customer => (Old: valuesBefore(before[customer]).GetValueOrDefault(key), New: valuesAfter(after[customer]).GetValueOrDefault(key))).ToList();
        return (
            pairs.Count(pair => pair.Old.IsMissing && !pair.New.IsMissing), pairs.Count(pair => !pair.Old.IsMissing && pair.New.IsMissing),
            pairs.Count(pair => !pair.Old.IsMissing && !pair.New.IsMissing && pair.Old != pair.New), pairs.Count(pair => !pair.Old.IsMissing && pair.Old == pair.New));
    }

    private static Dictionary<string, Value> TagsOf(CustomerDocument document) => document.Tags.Held.ToDictionary(tag => tag.Key, tag => tag.Value);

    private static Dictionary<string, Value> SegmentsOf(CustomerDocument document, Rulebook rulebook)
    {
        var traits = document.Facts.For(rulebook)!.Traits;
        return rulebook.Segments.Where(rule => rule.Evaluate(TagsOf(document), traits).Holds).ToDictionary(rule => rule.Key, _ => Value.True);
    }

    /// <summary>Something happens right before a customer's events are read.</summary>
    private sealed class BeforeTheJournalIsRead(NoChoice choices, Func<string, Task> happens) : IChoicePoints
    {
        private const string Reads = "reads the journal of ";

        public async Task<T> StepAsync<T>(string name, Func<StoreState, (StoreState Next, T Answer)> run, bool isUnseen = false)
        {
            if (name.StartsWith(Reads, StringComparison.Ordinal))
                await happens(name[Reads.Length..]);
            return await choices.StepAsync(name, run, isUnseen);
        }
    }

    /// <summary>Lets nobody read until it is open, and counts who reads at once.</summary>
    private sealed class Gate(NoChoice choices) : IChoicePoints
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Lock _counting = new();
        private int _atOnce;

        public int MostAtOnce { get; private set; }

        public void Open() => _open.SetResult();

        public async Task<T> StepAsync<T>(string name, Func<StoreState, (StoreState Next, T Answer)> run, bool isUnseen = false)
        {
            lock (_counting)
                MostAtOnce = Math.Max(MostAtOnce, ++_atOnce);
            await _open.Task;
            await Task.Yield();
            var answer = await choices.StepAsync(name, run, isUnseen);
            lock (_counting)
                _atOnce--;
            return answer;
        }
    }
}
