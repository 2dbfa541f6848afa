using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Processing.Evaluation;

/// <summary>Customer documents in the form in which their changes travel.</summary>
internal static class ChangeMessages
{
    /// <param name="customer">With an outbox.</param>
    public static TagsChanged Of(UntoldCustomer customer)
    {
        var document = customer.Document;
        var outbox = document.Outbox!;
        var traits = new Dictionary<string, JsonElement>(customer.Traits.Count, StringComparer.Ordinal);
        foreach (ref readonly var trait in customer.Traits.Items)
            traits.Add(trait.Key, ValueJson.ToElement(trait.Value)!.Value);
        return new()
        {
            CustomerId = document.Customer,
            Revision = outbox.Revision,
            Sequence = document.Tags.Sequence,
            DecidedAt = outbox.DecidedAt.ToDateTimeOffset(),
            Cause = NameOf(outbox.Cause),
            Run = outbox.Run,
            IsQuiet = outbox.IsQuiet,
            Rulebook = document.Tags.Rulebook,
            Changes = [.. outbox.Changes.Select(change => Of(document.Customer, change))],
            Tags = [.. document.Tags.Held.Select(Of)],
            Traits = traits,
        };
    }

    private static HeldTag Of(TagState state) => new()
    {
        Key = state.Key,
        Category = state.Category,
        Value = ValueJson.ToElement(state.Value)!.Value,
        Since = state.Since.ToDateTimeOffset(),
    };

    private static TagChanged Of(string customer, TagChange change) => new()
    {
        Id = $"{customer}:tag:{change.Sequence}",
        Sequence = change.Sequence,
        KeySequence = change.KeySequence,
        Key = change.Key,
        Category = change.Category,
        Previous = ValueJson.ToElement(change.Previous),
        Value = ValueJson.ToElement(change.Value),
        At = change.At.ToDateTimeOffset(),
        Cause = NameOf(change.Cause),
        Run = change.Run,
        Rulebook = change.Rulebook,
        ChangesAt = change.ChangesAt?.ToDateTimeOffset(),
        Reason = ReasonMapping.ToContract(change.Reason),
    };

    private static string NameOf(ChangeCause cause) => cause switch
    {
        ChangeCause.Event => "event",
        ChangeCause.Time => "time",
        ChangeCause.Rulebook => "rulebook",
        ChangeCause.Replay => "replay",
        ChangeCause.Merge => "merge",
        ChangeCause.Erasure => "erasure",
        _ => throw new ArgumentOutOfRangeException(nameof(cause), cause, null),
    };
}
