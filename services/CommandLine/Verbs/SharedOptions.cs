using System.CommandLine;
using NodaTime;
using NodaTime.Text;
using TaggingPipeline.CommandLine.Server;
using TaggingPipeline.ServiceDefaults.Settings;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary>Options and arguments that several verbs take.</summary>
internal static class SharedOptions
{
    private const string DefaultUrl = "http://127.0.0.1:8080";

    public static Argument<string> File(string name, string description) => new(name) { Description = description };

    public static Option<string> Url(Surroundings surroundings) => new("--url")
    {
        Description = "Where the server is [TAGGING_URL]",
        HelpName = "URL",
        DefaultValueFactory = _ => surroundings.Variable("TAGGING_URL") ?? DefaultUrl,
        Validators =
        {
            result =>
            {
                if (result.Tokens is [var given] && !IsHttp(given.Value))
                    result.AddError($"--url: `{given.Value}` is not an http or https address");
            },
        },
    };

    public static Option<string?> ApiKey() => new("--api-key")
    {
        Description = $"Key for /api [TAGGING_API_KEY; otherwise {TaggingSettings.DevelopmentApiKey}, which is good on loopback]",
        HelpName = "KEY",
    };

    public static Option<string> Format(params string[] formats)
    {
        var option = new Option<string>("--format") { Description = "How results are written", DefaultValueFactory = _ => formats[0] };
        option.AcceptOnlyFromAmong(formats);
        return option;
    }

    public static Option<string?> Map() => new("--map")
    {
        Description = "Mapping file from columns to events (docs/import.md); JSON lines that are events already need none",
        HelpName = "MAP.yaml",
    };

    public static Option<Instant?> AsOf(string description) => InstantOf("--as-of", description);

    public static Option<Instant?> InstantOf(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "INSTANT",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (OffsetDateTimePattern.ExtendedIso.Parse(text).TryGetValue(default, out var instant))
                return instant.ToInstant();
            result.AddError($"{name}: `{text}` is not an instant such as 1997-09-30T23:59:59.999Z");
            return null;
        },
    };

    /// <param name="patience">How long an answer may take; null for as long as one that is given at once.</param>
    public static ApiClient Connect(ParseResult parsed, Option<string> url, Option<string?> apiKey, Surroundings surroundings, TimeSpan? patience = null)
    {
        var address = parsed.GetValue(url)!;
        if (!IsHttp(address))
            throw new CommandException($"TAGGING_URL: `{address}` is not an http or https address");
        var key = parsed.GetValue(apiKey) ?? surroundings.Variable("TAGGING_API_KEY") ?? TaggingSettings.DevelopmentApiKey;
        // Relative paths are resolved against the last slash.
        return new(new Uri(address.EndsWith('/') ? address : address + "/"), key, patience ?? surroundings.Patience);
    }

    private static bool IsHttp(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps);
}
