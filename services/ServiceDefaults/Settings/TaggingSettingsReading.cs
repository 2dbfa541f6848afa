using NodaTime;
using NodaTime.Text;

namespace TaggingPipeline.ServiceDefaults.Settings;

/// <summary>What the texts of the settings mean.</summary>
public static class TaggingSettingsReading
{
    /// <summary>The instant at which the clock stands still; null for the real clock.</summary>
    public static Instant? StandingAt(this TaggingSettings settings) =>
        string.IsNullOrEmpty(settings.AsOf) ? null : InstantPattern.ExtendedIso.Parse(settings.AsOf).Value;

    public static IReadOnlyList<string> WriteKeyList(this TaggingSettings settings) => Split(settings.WriteKeys, ',');

    public static IReadOnlyList<string> ApiKeyList(this TaggingSettings settings) => Split(settings.ApiKeys, ',');

    public static IReadOnlyList<ListenAddress> Addresses(this TaggingSettings settings) => [.. Split(settings.Urls, ';').Select(text => new ListenAddress(text))];

    public static IReadOnlyList<string> WebhookRangeList(this TaggingSettings settings) => Split(settings.WebhooksMayReach, ',');

    /// <summary>At least one key in force is one that everybody knows.</summary>
    public static bool UsesDevelopmentKeys(this TaggingSettings settings) =>
        settings.WriteKeyList().Contains(TaggingSettings.DevelopmentWriteKey) || settings.ApiKeyList().Contains(TaggingSettings.DevelopmentApiKey);

    private static string[] Split(string text, char separator) => text.Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
