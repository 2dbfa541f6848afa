using System.CommandLine;
using System.Text.Json;
using TaggingPipeline.CommandLine.Mapping;
using TaggingPipeline.CommandLine.Output;
using TaggingPipeline.CommandLine.Server;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging explain</c></summary>
internal static class ExplainVerb
{
    public static Verb Create(Surroundings surroundings)
    {
        var customer = new Argument<string>("CUSTOMER") { Description = "The customer's id" };
        var tag = new Argument<string?>("TAG") { Description = "One tag's key; all where it is left out", Arity = ArgumentArity.ZeroOrOne };
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var verb = new Verb("explain", "Say why a customer has the tags they have, and not the others.", "tagging explain 13047 value-tier");
        verb.Add(customer);
        verb.Add(tag);
        verb.Add(url);
        verb.Add(apiKey);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var explained = await ReadAsync(client, parsed.GetRequiredValue(customer), cancellationToken);
            if (parsed.GetValue(tag) is { } key)
                explained = explained with { Outcomes = [OutcomeOf(explained, key)] };
            new ExplanationText(surroundings.Output).Write(explained);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static async Task<ExplainedCustomer> ReadAsync(ApiClient client, string customer, CancellationToken cancellationToken)
    {
        var json = await client.GetAsync($"api/customers/{Uri.EscapeDataString(customer)}?explain=all", cancellationToken)
            ?? throw new CommandException($"there is no customer `{customer}` at {client.Url}");
        try
        {
            return json.Deserialize<ExplainedCustomer>(ContractsJson.Options)!;
        }
        catch (JsonException failure)
        {
            throw new CommandException($"{client.Url} answered with something else than a customer: is it a tagging server of this version?", failure);
        }
    }

    private static ExplainedOutcome OutcomeOf(ExplainedCustomer customer, string key) =>
        customer.Outcomes.FirstOrDefault(outcome => outcome.Key == key)
        ?? throw new CommandException($"the rulebook has no tag `{key}`{Suggestions.DidYouMean(key, customer.Outcomes.Select(outcome => outcome.Key))}");
}
