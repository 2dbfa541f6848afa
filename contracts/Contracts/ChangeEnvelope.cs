using System.Text.Json.Serialization;

namespace TaggingPipeline.Contracts;

/// <summary>What subscribers get for every change, everywhere: CloudEvents 1.0 in JSON.</summary>
/// <remarks>https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md</remarks>
public sealed record ChangeEnvelope
{
    [JsonPropertyName("specversion")]
    public string SpecVersion { get; init; } = "1.0";

    /// <summary>Stays the same when the change is delivered again.</summary>
    public required string Id { get; init; }

    public required string Source { get; init; }

    /// <summary><c>tag.added</c>, <c>tag.changed</c>, <c>tag.removed</c>, <c>segment.entered</c> or <c>segment.exited</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The customer.</summary>
    public required string Subject { get; init; }

    public required DateTimeOffset Time { get; init; }

    [JsonPropertyName("datacontenttype")]
    public string DataContentType { get; init; } = "application/json";

    /// <summary>Per customer, from 1, without gaps; tag changes and segment changes are numbered apart.</summary>
    public required long Sequence { get; init; }

    /// <summary>Per customer and key, from 1, without gaps.</summary>
    [JsonPropertyName("keysequence")]
    public required long KeySequence { get; init; }

    public required string Cause { get; init; }

    public required ChangeData Data { get; init; }
}

/// <summary>The change itself.</summary>
public sealed record ChangeData
{
    public required string Key { get; init; }

    /// <summary>The tag's category; null for a segment.</summary>
    public string? Category { get; init; }

    public System.Text.Json.JsonElement? Previous { get; init; }

    public System.Text.Json.JsonElement? Value { get; init; }

    public required DateTimeOffset Since { get; init; }

    public DateTimeOffset? ChangesAt { get; init; }

    public required string Rulebook { get; init; }

    /// <summary>The run that made the change, such as a replay; null where none did.</summary>
    public string? Run { get; init; }

    public required ChangeReason Reason { get; init; }
}
