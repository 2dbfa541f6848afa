using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Processing.Evaluation;

/// <summary>Customer documents in the form in which their changes travel.</summary>
internal static class ChangeMessages
{
    private static readonly JsonElement True = ValueJson.ToElement(Value.True)!.Value;

    /// <param name="customer">With an outbox.</param>
    public static TagsChanged Of(UntoldCustomer customer)
    {
        var document = customer.Document;
        var outbox = document.Outbox!;
        var traits = new Dictionary<string, JsonElement>(customer.Traits.Count, StringComparer.Ordinal);
        foreach (ref readonly var trait in customer.Traits.Items)
            traits.Add(trait.Key, Required(trait.Value));
        return new()
        {
            CustomerId = document.Customer,
            Revision = outbox.Revision,
            Sequence = document.Tags.Sequence,
            DecidedAt = outbox.DecidedAt.ToDateTimeOffset(),
            Cause = NameOf(outbox.Cause),
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
        Value = Required(state.Value),
        Since = state.Since.ToDateTimeOffset(),
    };

    private static TagChanged Of(string customer, TagChange change) => new()
    {
        Id = $"{customer}:tag:{change.Sequence}",
        Sequence = change.Sequence,
        KeySequence = change.KeySequence,
        Key = change.Key,
        Category = change.Category,
        Previous = Optional(change.Previous),
        Value = Optional(change.Value),
        At = change.At.ToDateTimeOffset(),
        Cause = NameOf(change.Cause),
        Rulebook = change.Rulebook,
        ChangesAt = change.ChangesAt?.ToDateTimeOffset(),
        Reason = new()
        {
            Text = change.Reason.Text,
            Clauses = [.. change.Reason.Clauses.Select(Of)],
            Events = change.Reason.Events,
        },
    };

    private static ReasonClause Of(Clause clause) => new()
    {
        Text = clause.Text,
        Actual = Optional(clause.Actual),
        Threshold = Optional(clause.Threshold),
        Holds = clause.Holds,
    };

    private static JsonElement? Optional(Value value) => value.IsMissing ? null : Required(value);

    /// <summary>Most tags are only held or not, so that value is made once.</summary>
    private static JsonElement Required(Value value) => value == Value.True ? True : ValueJson.ToElement(value)!.Value;

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
