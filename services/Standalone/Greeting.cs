using TaggingPipeline.ServiceDefaults.Hosting;
using TaggingPipeline.ServiceDefaults.Settings;
using TaggingPipeline.ServiceDefaults.Stores;

namespace TaggingPipeline.Standalone;

/// <summary>What somebody who has just started the pipeline wants to know.</summary>
internal static class Greeting
{
    private const string Purchase = """{"userId": "ann", "event": "Order Completed", "properties": {"order_id": "o-1", "total": "300.00", "currency": "GBP"}}""";

    public static void Write(TextWriter console, StartedHost host)
    {
        // Keys of one's own are secrets: they are not repeated.
        var writeKey = Shown(host.Settings.WriteKeyList(), TaggingSettings.DevelopmentWriteKey, "$WRITE_KEY");
        var apiKey = Shown(host.Settings.ApiKeyList(), TaggingSettings.DevelopmentApiKey, "$API_KEY");
        var keys = host.Settings.UsesDevelopmentKeys()
            ? $"development keys, good on this machine only ({TaggingSettings.DevelopmentWriteKey} to send, {TaggingSettings.DevelopmentApiKey} to ask)"
            : "your own";
        var clock = host.Settings.StandingAt() is { } instant ? $"standing still at {instant}" : "the machine's";
        var source = host.Settings.Rulebook is { Length: > 0 } file ? $"{file}; changes to the file are taken up while this runs" : "published to the store";
        console.WriteLine($"""
              rulebook  {host.Rulebook?.Version}, version {host.Rulebook?.Number} ({source})
              store     {StoreAddress.Parse(host.Settings.Store)}
              clock     {clock}
              keys      {keys}

            Try:
              # a customer buys something
              curl -u "{writeKey}:" {host.Url}/v1/track -H 'Content-Type: application/json' \
                -d '{Purchase}'
              # their tags, and why
              curl -H "Authorization: Bearer {apiKey}" {host.Url}/api/customers/ann
              # who is in which segment, and every change so far
              curl -H "Authorization: Bearer {apiKey}" {host.Url}/api/segments
              curl -H "Authorization: Bearer {apiKey}" {host.Url}/api/changes

            Any analytics SDK that speaks Segment's API works with {host.Url} as its host. Ctrl+C stops.
            """);
    }

    private static string Shown(IReadOnlyList<string> keys, string development, string otherwise) => keys.Contains(development) ? development : otherwise;
}
