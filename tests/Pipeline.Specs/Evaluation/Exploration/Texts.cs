using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;

/// <summary>Texts that are equal exactly when what they stand for is: how an exploration recognises where it has been.</summary>
internal static class Texts
{
    private static readonly ConditionalWeakTable<CustomerDocument, string> OfDocuments = [];
    private static readonly ConditionalWeakTable<TagChanged, string> OfChanges = [];
    private static readonly ConditionalWeakTable<object, StrongBox<int>> Numbers = [];
    private static readonly ConcurrentDictionary<string, StrongBox<int>> NumbersOfTexts = new(StringComparer.Ordinal);

    public static string Of(CustomerDocument document) => OfDocuments.GetValue(document, Write);

    public static string Of(TagChanged change) => OfChanges.GetValue(change, written => JsonSerializer.Serialize(written, ContractsJson.Options));

    public static string Of(StoreState state)
    {
        var text = new StringBuilder();
        foreach (var document in state.Documents.Values)
            text.Append(NumberOf(document, Of)).Append('d');
        foreach (var key in state.Journal.Keys)
            text.Append(key.Customer).Append('/').Append(Of(state.Journal[key])).Append('j');
        foreach (var change in state.Told.Values)
            text.Append(NumberOf(change, Of)).Append('t');
        foreach (var delivery in state.Acknowledged)
            text.Append(delivery).Append('a');
        return text.AppendJoin('|', state.Faults).ToString();
    }

    /// <summary>An event that is sent is the same whenever it comes; of what a decision made its instant tells which it is.</summary>
    public static string Of(JournaledEvent journaled) =>
        IsMade(journaled.EventId) ? $"{journaled.EventId}@{journaled.OccurredAt}" : journaled.EventId;

    /// <summary>Whether a decision made the event, and nobody sent it.</summary>
    public static bool IsMade(string eventId) => eventId.StartsWith(AssignmentEvents.ReservedIds, StringComparison.Ordinal);

    /// <summary>What a store operation answered.</summary>
    public static string OfAnswer(object? answer) => answer switch
    {
        null => "nothing",
        CustomerDocument document => Of(document),
        IEnumerable<CustomerDocument> documents => string.Join('|', documents.Select(Of)),
        IEnumerable<JournaledEvent> events => string.Join('|', events.Select(Of)),
        IEnumerable<string> texts => string.Join('|', texts),
        IEnumerable<DueCustomer> due => string.Join('|', due),
        IEnumerable<EventKey> keys => string.Join('|', keys),
        bool or int or long => answer.ToString()!,
        _ => throw new ArgumentOutOfRangeException(nameof(answer), answer.GetType(), "has no text yet"),
    };

    /// <summary>Short for its text.</summary>
    private static int NumberOf<T>(T described, Func<T, string> text)
        where T : class =>
        Numbers.GetValue(described, _ => NumbersOfTexts.GetOrAdd(text(described), _ => new(NumbersOfTexts.Count))).Value;

    private static string Write(CustomerDocument document) => string.Join(';',
        document.Customer,
        document.Version,
        document.EvaluatedAt,
        document.WakesAt,
        Convert.ToBase64String(document.Facts.Bytes),
        document.Tags.Rulebook,
        document.RulebookNumber,
        document.Tags.Sequence,
        string.Join(',', document.Tags.States),
        string.Join(',', document.Applied),
        string.Join(',', document.Unjournaled.Select(Of)),
        document.Outbox is null ? "" : $"{document.Outbox.Revision},{document.Outbox.DecidedAt},{document.Outbox.Cause}",
        document.Outbox is null ? "" : string.Join(',', document.Outbox.Changes.Select(change => $"{change}{change.Reason.Text}{string.Join(' ', change.Reason.Events)}")));
}
