using System.ComponentModel.DataAnnotations;

namespace TaggingPipeline.ServiceDefaults.Settings;

/// <summary>What a host can be told: by option, by configuration, or by environment variable with the prefix <c>TAGGING_</c>.</summary>
public sealed class TaggingSettings
{
    public const string DevelopmentWriteKey = "dev-write-key";
    public const string DevelopmentApiKey = "dev-api-key";

    /// <summary><c>sqlite:PATH</c> or a connection string of MongoDB.</summary>
    [Required]
    public string Store { get; set; } = "sqlite:data/tagging.db";

    /// <summary><c>memory</c> or <c>rabbitmq://USER:PASSWORD@HOST:PORT/VHOST</c>.</summary>
    [Required]
    public string Bus { get; set; } = "memory";

    /// <summary>Path of the rulebook file.</summary>
    [Required]
    public string Rulebook { get; set; } = "";

    /// <summary>An RFC 3339 instant at which the clock stands still, for history; empty for the real clock.</summary>
    public string? AsOf { get; set; }

    /// <summary>Where to listen; several are separated by semicolons.</summary>
    [Required]
    public string Urls { get; set; } = "http://127.0.0.1:8080";

    /// <summary>Keys that ingestion accepts, separated by commas.</summary>
    [Required]
    public string WriteKeys { get; set; } = DevelopmentWriteKey;

    /// <summary>Keys that <c>/api</c> accepts, separated by commas.</summary>
    [Required]
    public string ApiKeys { get; set; } = DevelopmentApiKey;

    /// <summary>Events a second that one write key may send; more is answered with 429. 0 for no limit.</summary>
    [Range(0, 1_000_000)]
    public int EventsPerSecond { get; set; }

    /// <summary>How much of a segment a rulebook that is published over <c>/api</c> may change without being confirmed, in percent of its members. 0 for any.</summary>
    [Range(0, 1_000)]
    public int PublishGuardPercent { get; set; } = 20;

    /// <summary>Ranges of addresses, not public ones, that webhooks may be sent to nevertheless, separated by commas: <c>10.1.0.0/16, fd00::/8</c>.</summary>
    public string WebhooksMayReach { get; set; } = "";
}
