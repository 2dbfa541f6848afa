using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Domain.Specs.Rulebooks;

/// <summary>The customer of the examples in docs/rules.md.</summary>
internal static class Anna
{
    /// <summary>The start of a rulebook with one tag, whose rule follows.</summary>
    public const string Rulebook = "rulebook: x\ntimezone: Europe/London\ntags:\n- key: t\n  category: value\n";

    /// <param name="events">A JSON object on each line.</param>
    public static Value Evaluate(Rulebook rulebook, Instant asOf, string events)
    {
        var facts = CustomerFacts.Of(rulebook);
        foreach (var line in events.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            facts = Tagging.Observe(facts, Read(line), rulebook, asOf);
        return Tagging.Explain(Tagging.Settle(facts, rulebook, asOf), rulebook, asOf).Single().Value;
    }

    private static CustomerEvent Read(string line)
    {
        using var json = JsonDocument.Parse(line);
        string Text(string name) => json.RootElement.GetProperty(name).GetString()!;
        var kind = Enum.Parse<EventKind>(Text("kind").Replace("-", "", StringComparison.Ordinal), ignoreCase: true);
        return CustomerEvent.Create(Text("id"), "anna", kind, Text("name"), InstantPattern.ExtendedIso.Parse(Text("at")).Value,
            ValueJson.ReadObject(json.RootElement.GetProperty("properties")));
    }
}
