using System.CommandLine;
using Microsoft.AspNetCore.Http;
using NodaTime.Text;
using TaggingPipeline.CommandLine.Demo;
using TaggingPipeline.ServiceDefaults.Settings;
using TaggingPipeline.Standalone;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging serve</c></summary>
internal static class ServeVerb
{
    public static Verb Create(Surroundings surroundings)
    {
        var urls = Setting("--urls", "Where to listen, separated by semicolons [TAGGING_URLS; otherwise http://127.0.0.1:8080]", "URLS");
        var store = Setting("--store", "sqlite:PATH [TAGGING_STORE; otherwise sqlite:data/tagging.db]", "STORE");
        var bus = Setting("--bus", "memory, or rabbitmq://USER:PASSWORD@HOST:PORT/VHOST [TAGGING_BUS; otherwise memory]", "BUS");
        var rulebook = Setting("--rulebook", "Rulebook file [TAGGING_RULEBOOK]", "FILE");
        var asOf = SharedOptions.AsOf("A clock that stands still there, for history [TAGGING_ASOF]");
        var demo = new Option<bool>("--demo")
        {
            Description = "Also run a small simulated shop against the server; with the demo rulebook unless another is given",
        };
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
        if (string.IsNullOrEmpty(SettingsReading.Gather(settings)[new SettingName(nameof(TaggingSettings.Rulebook)).Key]))
            settings[nameof(TaggingSettings.Rulebook)] = DemoTraffic.RulebookPath;
        var (known, _) = SettingsReading.Of(SettingsReading.Gather(settings), withCustomers: true);
        if (known is null)
            return await ServeAsync(settings, cancellationToken); // it says what is wrong
        var address = OwnAddress(known.Addresses()[0].Text);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var traffic = new DemoTraffic(address, known.WriteKeyList()[0], surroundings.Clock, surroundings.Error);
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
    }

    /// <summary>An address that the server listens on, as one to send to.</summary>
    private static Uri OwnAddress(string listened)
    {
        var binding = BindingAddress.Parse(listened);
        if (binding.Port == 0)
            throw new CommandException($"--demo cannot tell where the server listens: give --urls with a port (it is `{listened}`)");
        var host = binding.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "127.0.0.1" : binding.Host;
        return new UriBuilder(binding.Scheme, host, binding.Port).Uri;
    }

    private static Option<string?> Setting(string name, string description, string helpName) => new(name) { Description = description, HelpName = helpName };
}
