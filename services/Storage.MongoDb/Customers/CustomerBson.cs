using System.Collections.Immutable;
using MongoDB.Bson;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Storage.MongoDb.Database;

namespace TaggingPipeline.Storage.MongoDb.Customers;

/// <summary>Customer documents as BSON.</summary>
internal static class CustomerBson
{
    public const string WakesAt = "wakesAt";
    public const string Outbox = "outbox";
    public const string OutboxRevision = "outbox.revision";

    private const string Unjournaled = "unjournaled";

    /// <summary>The customer's id once more while there is an outbox: a sparse index on it holds those customers alone, in the order of their ids.</summary>
    public const string Untold = "untold";

    /// <summary>All but id and version.</summary>
    public static BsonDocument Write(CustomerDocument document) => new()
    {
        ["evaluatedAt"] = ValueBson.Write(document.EvaluatedAt),
        [WakesAt] = ValueBson.Write(document.WakesAt),
        [OtherRulebooks.Rulebook] = document.Tags.Rulebook,
        [OtherRulebooks.Number] = document.RulebookNumber,
        ["sequence"] = document.Tags.Sequence,
        ["tags"] = new BsonArray(document.Tags.States.Select(Write)),
        ["applied"] = ValueBson.Write(document.Applied),
        [Unjournaled] = document.Unjournaled.IsEmpty ? BsonNull.Value : new BsonArray(document.Unjournaled.Select(Write)),
        [Outbox] = document.Outbox is { } outbox ? OutboxBson.Write(outbox) : BsonNull.Value,
        [Untold] = document.Outbox is null ? BsonNull.Value : document.Customer,
        ["facts"] = new BsonBinaryData(document.Facts.Bytes),
    };

    public static CustomerDocument Read(BsonDocument document) => new()
    {
        Customer = document["_id"].AsString,
        Version = document[VersionedSaves.Version].AsInt64,
        EvaluatedAt = ValueBson.ReadInstant(document["evaluatedAt"]),
        WakesAt = ValueBson.ReadInstantOrNull(document.GetValue(WakesAt, BsonNull.Value)),
        Facts = StoredFacts.Of(document["facts"].AsByteArray),
        Tags = new TagSet(document[OtherRulebooks.Rulebook].AsString, document["sequence"].AsInt64, [.. document["tags"].AsBsonArray.Select(ReadState)]),
        RulebookNumber = document.GetValue(OtherRulebooks.Number, 0L).ToInt64(),
        Applied = [.. ValueBson.ReadTexts(document["applied"])],
        Unjournaled = document.TryGetValue(Unjournaled, out var made) && made is BsonArray events
            ? [.. events.Select(each => ReadEvent(each, document["_id"].AsString))] : [],
        Outbox = document.TryGetValue(Outbox, out var outbox) ? OutboxBson.Read(outbox.AsBsonDocument) : null,
    };

    // There is one for every rule in every document: what is mostly not there is left out.
    private static BsonDocument Write(TagState state)
    {
        var written = new BsonDocument
        {
            ["key"] = state.Key,
            ["category"] = state.Category,
            ["value"] = ValueBson.Write(state.Value),
            ["since"] = ValueBson.Write(state.Since),
            ["sequence"] = state.KeySequence,
        };
        if (state.ChangesAt is { } changesAt)
            written["changesAt"] = ValueBson.Write(changesAt);
        return written;
    }

    private static BsonDocument Write(JournaledEvent made) => new()
    {
        ["id"] = made.EventId,
        ["occurredAt"] = ValueBson.Write(made.OccurredAt),
        ["body"] = ValueBson.Write(made.Body),
    };

    private static JournaledEvent ReadEvent(BsonValue made, string customer) =>
        new(customer, made["id"].AsString, ValueBson.ReadInstant(made["occurredAt"]), made["body"].AsByteArray);

    private static TagState ReadState(BsonValue state) => new(
        state["key"].AsString,
        state["category"].AsString,
        ValueBson.Read(state["value"]),
        ValueBson.ReadInstant(state["since"]),
        state["sequence"].AsInt64,
        ValueBson.ReadInstantOrNull(state.AsBsonDocument.GetValue("changesAt", BsonNull.Value)));
}
