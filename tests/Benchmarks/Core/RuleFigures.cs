using System.Globalization;
using System.Text;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Benchmarks.Core;

/// <summary>What an event costs as a rulebook grows by rules that do not look at it.</summary>
/// <remarks>
/// Always the same events and the same twenty rules over them, among ever more rules over events that do not come. Each event is observed, settled and decided by itself, on one thread; seconds are those of the
/// processor. What to look at: the ratio to the rulebook of only those twenty rules.
/// </remarks>
internal static class RuleFigures
{
    private const int Watching = 20;
    private const int Customers = 200;
    private const int Events = 200_000;

    public static void Run(TextWriter output)
    {
        var events = BrowsesOf(new Random(20_260_102));
        output.WriteLine($"rules of which {Watching} watch the event, {Customers} customers, one thread, each event observed, settled and decided:");
        var alone = 0d;
        foreach (var rules in (int[])[Watching, 100, 1_000, 5_000])
        {
            var rulebook = RulebookFile.Compile(Write(rules)).Rulebook!;
            _ = CoreMeasure.Best(events.Length / 4, () => Decide(rulebook, events.AsSpan(0, events.Length / 4)));
            var figure = CoreMeasure.Best(events.Length, () => Decide(rulebook, events));
            alone = alone == 0 ? figure.EventsPerSecond : alone;
            output.WriteLine($"  {rules,6:N0} rules   {figure.EventsPerSecond,12:N0} events/s {figure.BytesPerEvent,8:N0} B/event   {figure.EventsPerSecond / alone:P0} of {Watching} rules alone");
        }
    }

    private static string Write(int rules)
    {
        var text = new StringBuilder("rulebook: many\ntags:\n");
        for (var i = 0; i < rules; i++)
        {
            var condition = i < Watching
                ? string.Create(CultureInfo.InvariantCulture, $"count(browse, {1 + (i * 4)}d) >= {10 + (i * 20)} and sum(browse.price, {2 + (i * 4)}d) > {500 * i}")
                : string.Create(CultureInfo.InvariantCulture, $"count(interaction[\"Event {i}\"], {1 + (i % 90)}d) >= 2 or sum(interaction[\"Event {i}\"].value) > 100");
            text.Append(CultureInfo.InvariantCulture, $"- {{key: t{i}, category: behaviour, when: '{condition}'}}\n");
        }

        return text.ToString();
    }

    private static CustomerEvent[] BrowsesOf(Random random)
    {
        string[] categories = ["shoes", "hats", "books", "toys"];
        var start = Instant.FromUtc(2026, 1, 1, 0, 0);
        var step = Duration.FromDays(90) / Events;
        return
        [
            .. Enumerable.Range(0, Events).Select(i => CustomerEvent.Create(
                Guid.NewGuid().ToString(), $"customer-{random.Next(Customers)}", EventKind.Browse, "Product Viewed", start + (step * i),
                PropertyBag.Of(("category", Value.Of(categories[random.Next(categories.Length)])), ("price", Value.Of(random.Next(10_000) / 100m))))),
        ];
    }

    private static int Decide(Rulebook rulebook, ReadOnlySpan<CustomerEvent> events)
    {
        var customers = new Dictionary<string, (CustomerFacts Facts, TagSet Tags)>();
        foreach (var observed in events)
        {
            var (facts, tags) = customers.TryGetValue(observed.Customer, out var known) ? known : (CustomerFacts.Of(rulebook), TagSet.Empty);
            var asOf = observed.OccurredAt;
            facts = Tagging.Observe(facts, [observed], rulebook, asOf);
            customers[observed.Customer] = (facts, Tagging.Decide(facts, tags, rulebook, asOf, ChangeCause.Event).Tags);
        }

        return customers.Count;
    }
}
