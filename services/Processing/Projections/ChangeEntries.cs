using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Processing.Projections;

/// <summary>Changes as they stand in the feed.</summary>
/// <remarks>An entry's id names the customer and the change's number, so that the same change has the same id whenever and wherever it is made.</remarks>
internal static class ChangeEntries
{
    private const string Source = "/tagging";

    private static readonly JsonElement True = JsonSerializer.SerializeToElement(true);

    public static NewFeedEntry OfTag(string customer, TagChanged change)
    {
        var (previous, value) = (Present(change.Previous), Present(change.Value));
        return Entry(new()
        {
            Id = $"{customer}:tag:{change.Sequence}",
            Source = Source,
            Type = value is null ? "tag.removed" : previous is null ? "tag.added" : "tag.changed",
            Subject = customer,
            Time = change.At,
            Sequence = change.Sequence,
            KeySequence = change.KeySequence,
            Cause = change.Cause,
            Data = new()
            {
                Key = change.Key,
                Category = change.Category,
                Previous = previous,
                Value = value,
                Since = change.At,
                ChangesAt = change.ChangesAt,
                Rulebook = change.Rulebook,
                Run = change.Run,
                Reason = change.Reason,
            },
        });
    }

    public static NewFeedEntry OfSegment(string customer, Membership membership, long sequence, Reason reason, string cause, string? run, string rulebook) =>
        Entry(new()
        {
            Id = $"{customer}:segment:{sequence}",
            Source = Source,
            Type = membership.IsMember ? "segment.entered" : "segment.exited",
            Subject = customer,
            Time = membership.Since.ToDateTimeOffset(),
            Sequence = sequence,
            KeySequence = membership.KeySequence,
            Cause = cause,
            Data = new()
            {
                Key = membership.Segment,
                Previous = membership.IsMember ? null : True,
                Value = membership.IsMember ? True : null,
                Since = membership.Since.ToDateTimeOffset(),
                Rulebook = rulebook,
                Run = run,
                Reason = ReasonMapping.ToContract(reason),
            },
        });

    private static NewFeedEntry Entry(ChangeEnvelope envelope) => new(
        envelope.Id, envelope.Subject, envelope.Type, envelope.Data.Key, JsonSerializer.SerializeToUtf8Bytes(envelope, ContractsJson.Options));

    /// <summary>An explicit JSON null says the same as a value left out.</summary>
    private static JsonElement? Present(JsonElement? value) =>
        value is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } ? value : null;
}
