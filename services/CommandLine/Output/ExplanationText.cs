using System.Globalization;
using System.Text.Json;
using TaggingPipeline.CommandLine.Server;
using TaggingPipeline.Contracts;

namespace TaggingPipeline.CommandLine.Output;

/// <summary>Writes a customer's tags and the reasons for them, for a marketer to read.</summary>
internal sealed class ExplanationText(TextWriter output)
{
    public void Write(ExplainedCustomer customer)
    {
        var since = customer.Tags.ToDictionary(tag => tag.Key, tag => tag.Since, StringComparer.Ordinal);
        output.WriteLine($"Customer {customer.Id}, by rulebook {customer.Rulebook}");
        if (customer is { FirstSeen: { } first, LastSeen: { } last })
            output.WriteLine($"  seen from {TextOf(first)} to {TextOf(last)}");
        if (customer.Traits.Count > 0)
            output.WriteLine($"  {string.Join(", ", customer.Traits.Select(trait => $"{trait.Key}: {trait.Value}"))}");
        var held = customer.Outcomes.Where(outcome => HasValue(outcome.Value)).ToArray();
        WriteAll("Has", held, since);
        WriteAll("Does not have", [.. customer.Outcomes.Except(held)], since);
    }

    private void WriteAll(string title, ExplainedOutcome[] outcomes, Dictionary<string, DateTimeOffset> since)
    {
        if (outcomes.Length == 0)
            return;
        output.WriteLine();
        output.WriteLine(title);
        foreach (var outcome in outcomes)
        {
            output.WriteLine($"  {outcome.Key}{ValueOf(outcome.Value)}  ({outcome.Category}){Times(outcome, since)}");
            WriteReason(outcome.Reason);
        }
    }

    private void WriteReason(ChangeReason reason)
    {
        foreach (var clause in reason.Clauses)
            output.WriteLine($"    {Verdict(clause)} {clause.Text}{Found(clause)}");
        if (reason.Clauses.Count == 0)
            output.WriteLine($"    {reason.Text}");
        if (reason.Events.Count > 0)
            output.WriteLine($"        by the events {string.Join(", ", reason.Events)}");
    }

    private static string Times(ExplainedOutcome outcome, Dictionary<string, DateTimeOffset> since)
    {
        var from = since.TryGetValue(outcome.Key, out var instant) ? $", since {TextOf(instant)}" : "";
        return outcome.ChangesAt is { } changesAt ? $"{from}; changes on {TextOf(changesAt)} if nothing more happens" : from;
    }

    /// <summary>Whether the clause holds; blank for one that only looks something up.</summary>
    private static string Verdict(ReasonClause clause)
    {
        var isQuestion = clause.Threshold is not null || clause.Actual is { ValueKind: JsonValueKind.True or JsonValueKind.False };
        return !isQuestion ? "   " : clause.Holds ? "yes" : "no ";
    }

    /// <summary>What was found, where that says more than whether the clause holds. One that holds and compares nothing is a statement.</summary>
    private static string Found(ReasonClause clause) => clause switch
    {
        { Note: { } note } => $": {note}",
        { Holds: true, Actual: null or { ValueKind: JsonValueKind.Null }, Threshold: null or { ValueKind: JsonValueKind.Null } } => "",
        { Actual: null or { ValueKind: JsonValueKind.Null } } => ": found nothing",
        { Actual.ValueKind: JsonValueKind.True or JsonValueKind.False } => "",
        { Actual: { } found } => $": found {found}",
    };

    private static string ValueOf(JsonElement? value) => value is { ValueKind: not (JsonValueKind.True or JsonValueKind.Null) } shown ? $" = {shown}" : "";

    private static bool HasValue(JsonElement? value) => value is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) };

    private static string TextOf(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
