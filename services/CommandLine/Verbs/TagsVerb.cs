using System.CommandLine;
using System.Text.Json;
using TaggingPipeline.CommandLine.Server;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging tags assign</c>, <c>remove</c> and <c>release</c></summary>
internal static class TagsVerb
{
    public static Command Create(Surroundings surroundings)
    {
        var tags = new Verb("tags", "Assign and remove tags by hand.", "tagging tags assign 13047 vip --by anna --reason \"VIP at the fair\"");
        var value = new Option<string?>("--value") { Description = "The value, for a tag that has values", HelpName = "VALUE" };
        var assign = CreateAction(
            "assign", "Give a customer a tag, whatever its rule says.", "tagging tags assign 13047 loyalty --value gold --by anna --reason \"VIP at the fair\"", surroundings,
            (client, parsed, path, done, token) => client.DoAsync(HttpMethod.Put, path, done with { Value = ValueOf(parsed.GetValue(value)) }, token));
        assign.Add(value);
        tags.Add(assign);
        tags.Add(CreateAction(
            "remove", "Take a tag from a customer, whatever its rule says.", "tagging tags remove 13047 vip --by anna --reason \"asked for it\"", surroundings,
            (client, _, path, done, token) =>
                client.DoAsync(HttpMethod.Delete, $"{path}?by={Uri.EscapeDataString(done.By)}&reason={Uri.EscapeDataString(done.Reason)}", null, token)));
        tags.Add(CreateAction(
            "release", "Take back what was assigned or removed by hand: the rule decides again.", "tagging tags release 13047 vip --by anna --reason \"the fair is over\"", surroundings,
            (client, _, path, done, token) => client.DoAsync(HttpMethod.Post, $"{path}/release", done, token)));
        return tags;
    }

    private static Verb CreateAction(
        string name, string description, string example, Surroundings surroundings,
        Func<ApiClient, ParseResult, string, Done, CancellationToken, Task<JsonElement>> act)
    {
        var customer = new Argument<string>("CUSTOMER") { Description = "The customer's id" };
        var tag = new Argument<string>("TAG") { Description = "The tag's key" };
        var by = new Option<string>("--by") { Description = "Who does it", HelpName = "WHO", Required = true };
        var reason = new Option<string>("--reason") { Description = "Why", HelpName = "WHY", Required = true };
        var url = SharedOptions.Url(surroundings);
        var apiKey = SharedOptions.ApiKey();
        var verb = new Verb(name, description, example);
        verb.Add(customer);
        verb.Add(tag);
        verb.Add(by);
        verb.Add(reason);
        verb.Add(url);
        verb.Add(apiKey);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = SharedOptions.Connect(parsed, url, apiKey, surroundings);
            var path = $"api/customers/{Uri.EscapeDataString(parsed.GetRequiredValue(customer))}/tags/{Uri.EscapeDataString(parsed.GetRequiredValue(tag))}";
            var answer = await act(client, parsed, path, new(parsed.GetRequiredValue(by), parsed.GetRequiredValue(reason)), cancellationToken);
            surroundings.Output.WriteLine($"{TextOf(answer, "action")}: {TextOf(answer, "tag")} of {TextOf(answer, "customer")} (event {TextOf(answer, "eventId")})");
            return ExitCode.Ok;
        });
        return verb;
    }

    /// <summary>Text but for <c>true</c>. A number sent as text is one wherever one is wanted.</summary>
    private static object? ValueOf(string? text) => text == "true" ? true : text;

    private static string TextOf(JsonElement answer, string name) =>
        answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty(name, out var field) ? field.ToString() : "";

    private sealed record Done(string By, string Reason)
    {
        public object? Value { get; init; }
    }
}
