using System.CommandLine;
using NodaTime.Text;
using TaggingPipeline.CommandLine.Demo;
using TaggingPipeline.ServiceDefaults.Settings;
using TaggingPipeline.Standalone;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging serve</c></summary>
internal static class ServeVerb
{
    private const string SettingPrefix = "TAGGING_";

    public static Verb Create(Surroundings surroundings)
    {
        var urls = Setting("--urls", "Where to listen, separated by semicolons [TAGGING_URLS; otherwise http://127.0.0.1:8080]", "URLS");
        var store = Setting("--store", "sqlite:PATH [TAGGING_STORE; otherwise sqlite:data/tagging.db]", "STORE");
        var bus = Setting("--bus", "memory, or rabbitmq://USER:PASSWORD@HOST:PORT/VHOST [TAGGING_BUS; otherwise memory]", "BUS");
        var rulebook = Setting("--rulebook", "Rulebook file [TAGGING_RULEBOOK]", "FILE");
        var asOf = SharedOptions.AsOf("A clock that stands still there, for history [TAGGING_ASOF]");
        var demo = new Option<bool>("--demo") { Description = "Also run a small simulated shop against the server; with the demo rulebook unless another is given" };
        var verb = new Verb("serve", "Run the pipeline in this process until Ctrl-C.", "tagging serve --rulebook shop.yaml --store sqlite:data/shop.db")
        {
            Remarks = "Every option is also an environment variable, with the prefix TAGGING_; the option wins.",
        };
        verb.Add(urls);
        verb.Add(store);
        verb.Add(bus);
        verb.Add(rulebook);
        verb.Add(asOf);
        verb.Add(demo);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var settings = new Dictionary<string, string?>();
            Give(nameof(TaggingSettings.Urls), parsed.GetValue(urls));
            Give(nameof(TaggingSettings.Store), parsed.GetValue(store));
            Give(nameof(TaggingSettings.Bus), parsed.GetValue(bus));
            Give(nameof(TaggingSettings.Rulebook), parsed.GetValue(rulebook));
            Give(nameof(TaggingSettings.AsOf), parsed.GetValue(asOf) is { } instant ? InstantPattern.ExtendedIso.Format(instant) : null);
            return parsed.GetValue(demo)
                ? await ServeDemoAsync(settings, surroundings, cancellationToken)
                : await ServeAsync(settings, cancellationToken);

            void Give(string name, string? value)
            {
                if (value is not null)
                    settings[name] = value;
            }
        });
        return verb;
    }

    private static async Task<int> ServeAsync(Dictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        try
        {
            return await StandaloneHost.RunAsync(settings, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C is how a server is meant to end.
            return ExitCode.Ok;
        }
    }

    private static async Task<int> ServeDemoAsync(Dictionary<string, string?> settings, Surroundings surroundings, CancellationToken cancellationToken)
    {
        if (Find(nameof(TaggingSettings.Rulebook)) is null)
            settings[nameof(TaggingSettings.Rulebook)] = DemoTraffic.RulebookPath;
        var writeKey = (Find(nameof(TaggingSettings.WriteKeys)) ?? TaggingSettings.DevelopmentWriteKey).Split(',')[0].Trim();
        var address = OwnAddress(Find(nameof(TaggingSettings.Urls)) ?? new TaggingSettings().Urls);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var traffic = new DemoTraffic(address, writeKey, surroundings.Clock, surroundings.Error);
        var shopping = traffic.RunAsync(ended.Token);
        try
        {
            return await ServeAsync(settings, cancellationToken);
        }
        finally
        {
            await ended.CancelAsync();
            await shopping;
        }

        string? Find(string name) => settings.GetValueOrDefault(name) ?? surroundings.Variable($"{SettingPrefix}{name.ToUpperInvariant()}");
    }

    /// <summary>The first address that the server listens on, as one to send to.</summary>
    private static Uri OwnAddress(string urls)
    {
        var first = urls.Split(';')[0].Trim().Replace("//+", "//127.0.0.1", StringComparison.Ordinal).Replace("//*", "//127.0.0.1", StringComparison.Ordinal)
            .Replace("//0.0.0.0", "//127.0.0.1", StringComparison.Ordinal);
        return Uri.TryCreate(first, UriKind.Absolute, out var address) && address.Port != 0
            ? address
            : throw new CommandException($"--demo cannot tell where the server listens: give --urls with a port (it is `{urls}`)");
    }

    private static Option<string?> Setting(string name, string description, string helpName) => new(name) { Description = description, HelpName = helpName };
}
