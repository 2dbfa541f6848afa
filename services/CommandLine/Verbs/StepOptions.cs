using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary>The steps by which rejected events are mended, as options that may be given several times, in the order in which they are given.</summary>
internal sealed class StepOptions
{
    private static readonly string[] Names = ["--set", "--rename", "--convert", "--drop"];

    private readonly Option<string[]>[] _options =
    [
        Step("--set", "PATH=VALUE", "Give a field a value: JSON, or else text"),
        Step("--rename", "PATH=PATH", "Give a field another name or place, unless something is there"),
        Step("--convert", "PATH=TYPE", "Make a field number, text, boolean or instant; instant:unix-seconds, instant:unix-milliseconds or instant:PATTERN where it is not ISO 8601"),
        Step("--drop", "PATH", "Take a field away"),
    ];

    public void AddTo(Command verb)
    {
        foreach (var option in _options)
            verb.Add(option);
    }

    /// <summary>The steps as <c>/api/rejected/preview</c> takes them.</summary>
    public static IReadOnlyList<Dictionary<string, object?>> Read(ParseResult parsed)
    {
        var steps = new List<Dictionary<string, object?>>();
        string? option = null;
        foreach (var token in parsed.Tokens)
        {
            if (token.Type == TokenType.Option)
                option = token.Value;
            else if (option is not null)
            {
                if (Names.Contains(option))
                    steps.Add(Read(option, token.Value));
                option = null; // what follows is an argument of the verb
            }
        }

        return steps;
    }

    private static Dictionary<string, object?> Read(string option, string given)
    {
        var (path, rest) = Split(given, '=');
        switch (option)
        {
            case "--set":
                return new() { ["set"] = path, ["value"] = ValueOf(rest!) };
            case "--rename":
                return new() { ["rename"] = path, ["to"] = rest };
            case "--convert":
                var (type, format) = Split(rest!, ':');
                return format is null ? new() { ["convert"] = path, ["to"] = type } : new() { ["convert"] = path, ["to"] = type, ["format"] = format };
            default:
                return new() { ["drop"] = given };
        }
    }

    private static Option<string[]> Step(string name, string helpName, string description)
    {
        var option = new Option<string[]>(name) { Description = description, HelpName = helpName, Arity = ArgumentArity.OneOrMore };
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (helpName.Contains('=', StringComparison.Ordinal) && !token.Value.Contains('=', StringComparison.Ordinal))
                    result.AddError($"{name}: `{token.Value}` is not {helpName}");
            }
        });
        return option;
    }

    private static (string Before, string? After) Split(string text, char at) =>
        text.IndexOf(at, StringComparison.Ordinal) is >= 0 and var found ? (text[..found], text[(found + 1)..]) : (text, null);

    private static JsonElement ValueOf(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            // No JSON, as most values are that somebody types: it is the text.
            return JsonSerializer.SerializeToElement(text);
        }
    }
}
