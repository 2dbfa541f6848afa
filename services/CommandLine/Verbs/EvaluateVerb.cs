using System.CommandLine;
using NodaTime;
using TaggingPipeline.CommandLine.Evaluation;
using TaggingPipeline.CommandLine.Files;
using TaggingPipeline.CommandLine.Mapping;
using TaggingPipeline.CommandLine.Output;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging evaluate</c></summary>
internal static class EvaluateVerb
{
    public static Verb Create(Surroundings surroundings)
    {
        var file = SharedOptions.File("FILE", "CSV, TSV, whitespace-separated text or JSON lines; gzip too");
        var map = SharedOptions.Map();
        var rulebook = new Option<string>("--rulebook") { Description = "Rulebook file", HelpName = "FILE", Required = true };
        var asOf = SharedOptions.AsOf("The instant for which tags are decided; later events do not count");
        asOf.Required = true;
        var format = SharedOptions.Format(RowWriter.Csv, RowWriter.JsonLines);
        var strict = new Option<bool>("--strict") { Description = "End with 1 if any row was rejected" };
        var verb = new Verb(
            "evaluate", "Compute the tags of a file's customers, without server and store.",
            "tagging evaluate orders.csv --map orders.map.yaml --rulebook rules.yaml --as-of 2011-12-10T00:00:00Z")
        {
            Remarks = """
                Writes customer,tag,value,since,changes_at: a row for each tag that a customer holds. Customers come in the order of their ids,
                compared character by character ("10" before "9"); tags in the order of the rulebook. Every customer's events are gone through in time
                order, and since is the exact instant at which the tag came to its value; changes_at is when it changes if nothing more
                happens, and empty for never. Numbers keep all their digits. The population that quintile and percentile score against are the file's
                customers as they stand at --as-of, also for what since says of earlier scores.
                """,
        };
        verb.Add(file);
        verb.Add(map);
        verb.Add(rulebook);
        verb.Add(asOf);
        verb.Add(format);
        verb.Add(strict);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var rules = await Rulebooks.LoadAsync(parsed.GetRequiredValue(rulebook), cancellationToken);
            using var events = await EventFile.OpenAsync(parsed.GetRequiredValue(file), parsed.GetValue(map), cancellationToken);
            var rejected = new RejectedRows();
            var customers = ByCustomer(events, rejected, cancellationToken);
            var instant = parsed.GetValue(asOf)!.Value;
            if (!rules.PopulationArguments.IsEmpty)
                rules = rules.With(Population.Of(customers.Values.Select(customer => customer.Values), rules, instant, cancellationToken));
            using (var rows = RowWriter.Create(parsed.GetValue(format)!, surroundings.Output, "customer", "tag", "value", "since", "changes_at"))
                WriteTags(customers, rules, instant, rows, cancellationToken);
            rejected.Tell(surroundings.Error, parsed.GetRequiredValue(file));
            return rejected.Count > 0 && (parsed.GetValue(strict) || customers.Count == 0) ? ExitCode.Failed : ExitCode.Ok;
        });
        return verb;
    }

    /// <summary>The file's events by customer and id: an id that comes again is the same event.</summary>
    private static SortedDictionary<string, Dictionary<string, CustomerEvent>> ByCustomer(
        EventFile events, RejectedRows rejected, CancellationToken cancellationToken)
    {
        var customers = new SortedDictionary<string, Dictionary<string, CustomerEvent>>(StringComparer.Ordinal);
        foreach (var row in events.Rows())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (row.Rejection is { } rejection)
                rejected.Add(row.Line, rejection);
            if (row.Event is not { } shopEvent)
                continue;
            if (!customers.TryGetValue(shopEvent.CustomerId, out var own))
                customers[shopEvent.CustomerId] = own = new(StringComparer.Ordinal);
            own.TryAdd(shopEvent.EventId, EventMapping.ToDomain(shopEvent));
        }

        return customers;
    }

    private static void WriteTags(
        SortedDictionary<string, Dictionary<string, CustomerEvent>> customers, Rulebook rulebook, Instant asOf, RowWriter rows,
        CancellationToken cancellationToken)
    {
        var evaluated = customers.AsParallel().AsOrdered().WithCancellation(cancellationToken)
            .Select(customer => (customer.Key, Tags: History.TagsOf(customer.Value.Values, rulebook, asOf)));
        foreach (var (customer, tags) in evaluated)
        {
            foreach (var tag in tags.Held)
                rows.Write(Value.Of(customer), Value.Of(tag.Key), tag.Value, Value.Of(tag.Since), ChangesAtOf(tag));
        }
    }

    private static Value ChangesAtOf(TagState tag) => tag.ChangesAt is { } changesAt ? Value.Of(changesAt) : Value.Missing;
}
