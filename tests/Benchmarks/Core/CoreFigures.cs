using System.Runtime.InteropServices;
using NodaTime;
using TaggingPipeline.CommandLine.Demo;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Benchmarks.Core;

/// <summary>How fast, and with how much memory, the domain observes and decides: no store, no bus, one thread.</summary>
/// <remarks>
/// The raw limit is the least that anything could do with the same events in the same run: find the customer by id and touch every property once.
/// Seconds are those of the processor that this process used, since other load on the machine is not the core's cost. What to look at: the ratio to it, the bytes an event, and the size of a customer after a thousand events.
/// </remarks>
internal static class CoreFigures
{
    private const int Customers = 2_000;
    private const int CustomersAtHand = 100;
    private const int Events = 400_000;
    private const int EventsOfOneCustomer = 1_000;
    private const int EventsOfTheBusiestCustomer = 1_000_000;
    private const int MeasuredOfTheBusiest = 2_000;

    public static void Run(Rulebook rulebook, TextWriter output)
    {
        var events = Simulate(Customers, Events);
        for (var round = 0; round < 2; round++)
            Touch(events[..100_000]);
        for (var round = 0; round < 3; round++)
            Decide(rulebook, events[..50_000], 1);

        var raw = CoreMeasure.Best(events.Length, () => Touch(events));
        var core = CoreMeasure.Best(events.Length, () => Decide(rulebook, events, 1));
        var batched = CoreMeasure.Best(events.Length, () => Decide(rulebook, events, 10));
        var some = events.GroupBy(observed => observed.Customer).Chunk(CustomersAtHand).Select(customers => customers.SelectMany(each => each).OrderBy(observed => observed.OccurredAt).ToArray()).ToArray();
        var atHand = CoreMeasure.Best(events.Length, () => some.Sum(each => Decide(rulebook, each, 1)));
        output.WriteLine($"pure core, {rulebook.Tags.Length} rules, {Customers} customers, one thread, each event observed, settled and decided:");
        output.WriteLine($"  raw (find the customer, touch every property)   {raw.EventsPerSecond,12:N0} events/s {raw.BytesPerEvent,8:N0} B/event");
        output.WriteLine($"  decided after every event                       {core.EventsPerSecond,12:N0} events/s {core.BytesPerEvent,8:N0} B/event   {core.EventsPerSecond / raw.EventsPerSecond:P1} of raw");
        output.WriteLine($"  the same events, {CustomersAtHand} customers at a time         {atHand.EventsPerSecond,12:N0} events/s {atHand.BytesPerEvent,8:N0} B/event   (their facts stay in the processor's caches)");
        output.WriteLine($"  decided after every 10 events of a customer     {batched.EventsPerSecond,12:N0} events/s {batched.BytesPerEvent,8:N0} B/event");
        MeasureSize(rulebook, output);
        MeasureBusiest(rulebook, output);
    }

    /// <summary>A customer with a million events within a year: all that is kept is at its limits.</summary>
    private static void MeasureBusiest(Rulebook rulebook, TextWriter output)
    {
        var events = EventsOfTheBusiest();
        var facts = CustomerFacts.Of(rulebook);
        foreach (var some in events[..^MeasuredOfTheBusiest].Chunk(16))
            facts = Tagging.Observe(facts, some, rulebook, some[^1].OccurredAt);

        var state = Step(new(facts, TagSet.Empty), [events[^MeasuredOfTheBusiest]], rulebook);
        var started = Environment.CpuUsage.TotalTime;
        for (var i = events.Length - MeasuredOfTheBusiest + 1; i < events.Length; i++)
            state = Step(state, [events[i]], rulebook);
        var step = (Environment.CpuUsage.TotalTime - started).TotalMicroseconds / MeasuredOfTheBusiest;
        started = Environment.CpuUsage.TotalTime;
        const int Rounds = 200;
        for (var round = 0; round < Rounds; round++)
            _ = Tagging.Decide(state.Facts, TagSet.Empty, rulebook, events[^1].OccurredAt, ChangeCause.Event);
        var rules = (Environment.CpuUsage.TotalTime - started).TotalMicroseconds / Rounds;
        var bytes = state.Facts.Encode();
        started = Environment.CpuUsage.TotalTime;
        for (var round = 0; round < Rounds; round++)
            _ = CustomerFacts.Decode(bytes, rulebook)!.Encode();
        output.WriteLine($"  facts of a customer after {events.Length:N0} events in a year: {bytes.Length:N0} bytes; read and written again in {(Environment.CpuUsage.TotalTime - started).TotalMicroseconds / Rounds:N0} µs");
        output.WriteLine($"  the next event of that customer observed, settled and decided in {step:N1} µs; all {rulebook.Tags.Length} rules looked at for the first time in {rules:N0} µs, {rules / rulebook.Tags.Length:N1} µs each");
    }

    private static CustomerEvent[] EventsOfTheBusiest()
    {
        var start = Instant.FromUtc(2025, 1, 1, 0, 0);
        var events = new SimulatedShop(20_260_102, customers: 5).Events(start.ToDateTimeOffset(), TimeSpan.FromDays(365) / EventsOfTheBusiestCustomer).Take(EventsOfTheBusiestCustomer);
        return [.. events.Select(simulated => simulated.ToCustomerEvent() with { Customer = "busiest" })];
    }

    private static void MeasureSize(Rulebook rulebook, TextWriter output)
    {
        var events = EventsOfOne();
        var state = new State(CustomerFacts.Of(rulebook), TagSet.Empty);
        foreach (var observed in events)
            state = Step(state, [observed], rulebook);
        var facts = state.Facts.Encode();
        var rounds = 2_000;
        var started = Environment.CpuUsage.TotalTime;
        for (var round = 0; round < rounds; round++)
            _ = CustomerFacts.Decode(facts, rulebook)!.Encode();
        output.WriteLine($"  facts of a customer after {events.Length} events: {facts.Length:N0} bytes; read and written again in {(Environment.CpuUsage.TotalTime - started).TotalMicroseconds / rounds:N1} µs");
    }

    private static CustomerEvent[] Simulate(int customers, int count)
    {
        var shop = new SimulatedShop(20_260_101, customers);
        return [.. shop.Events(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), TimeSpan.FromDays(90) / count).Take(count).Select(simulated => simulated.ToCustomerEvent())];
    }

    /// <summary>The events of the busiest of a few customers, over some ninety days.</summary>
    private static CustomerEvent[] EventsOfOne() =>
        [.. Simulate(5, EventsOfOneCustomer * 8).GroupBy(observed => observed.Customer).First(events => events.Count() >= EventsOfOneCustomer).Take(EventsOfOneCustomer)];

    private static int Touch(CustomerEvent[] events)
    {
        var seen = new Dictionary<string, int>();
        foreach (var observed in events)
        {
            var touched = 0;
            foreach (var (_, value) in observed.Properties.Items)
                touched += value.GetHashCode();
            seen[observed.Customer] = seen.GetValueOrDefault(observed.Customer) + touched;
        }

        return seen.Count;
    }

    private static int Decide(Rulebook rulebook, CustomerEvent[] events, int together)
    {
        var customers = new Dictionary<string, State>();
        var held = new Dictionary<string, List<CustomerEvent>>();
        var changes = 0;
        foreach (var observed in events)
        {
            ref var state = ref CollectionsMarshal.GetValueRefOrAddDefault(customers, observed.Customer, out var isKnown);
            if (!isKnown)
                state = new(CustomerFacts.Of(rulebook), TagSet.Empty);
            if (together == 1)
            {
                state = Step(state, [observed], rulebook);
                continue;
            }

            if (!held.TryGetValue(observed.Customer, out var batch))
                held[observed.Customer] = batch = [];
            batch.Add(observed);
            if (batch.Count < together)
                continue;
            state = Step(state, CollectionsMarshal.AsSpan(batch), rulebook);
            batch.Clear();
        }

        return changes + customers.Count;
    }

    private static State Step(State state, ReadOnlySpan<CustomerEvent> batch, Rulebook rulebook)
    {
        var asOf = batch[^1].OccurredAt;
        var facts = Tagging.Observe(state.Facts, batch, rulebook, asOf);
        var decision = Tagging.Decide(facts, state.Tags, rulebook, asOf, ChangeCause.Event);
        return new(decision.Facts, decision.Tags);
    }

    private readonly record struct State(CustomerFacts Facts, TagSet Tags);
}
