using MongoDB.Bson;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Storage.MongoDb.Database;

namespace TaggingPipeline.Storage.MongoDb.Customers;

/// <summary>Outboxes as BSON.</summary>
internal static class OutboxBson
{
    public static BsonDocument Write(Outbox outbox) => WithRun(outbox.Run, new()
    {
        ["revision"] = outbox.Revision,
        ["decidedAt"] = ValueBson.Write(outbox.DecidedAt),
        ["cause"] = outbox.Cause.ToString(),
        ["quiet"] = outbox.IsQuiet,
        ["changes"] = new BsonArray(outbox.Changes.Select(Write)),
    });

    public static Outbox Read(BsonDocument outbox) => new(
        outbox["revision"].AsInt64,
        ValueBson.ReadInstant(outbox["decidedAt"]),
        ReadCause(outbox["cause"]),
        [.. outbox["changes"].AsBsonArray.Select(ReadChange)]) { Run = ReadRun(outbox), IsQuiet = outbox.GetValue("quiet", false).AsBoolean };

    private static BsonDocument Write(TagChange change) => WithRun(change.Run, new()
    {
        ["sequence"] = change.Sequence,
        ["keySequence"] = change.KeySequence,
        ["key"] = change.Key,
        ["category"] = change.Category,
        ["previous"] = ValueBson.Write(change.Previous),
        ["value"] = ValueBson.Write(change.Value),
        ["at"] = ValueBson.Write(change.At),
        ["cause"] = change.Cause.ToString(),
        ["rulebook"] = change.Rulebook,
        ["changesAt"] = ValueBson.Write(change.ChangesAt),
        ["clauses"] = new BsonArray(change.Reason.Clauses.Select(Write)),
        ["events"] = ValueBson.Write(change.Reason.Events),
    });

    private static TagChange ReadChange(BsonValue change) => new(
        change["sequence"].AsInt64,
        change["keySequence"].AsInt64,
        change["key"].AsString,
        change["category"].AsString,
        ValueBson.Read(change["previous"]),
        ValueBson.Read(change["value"]),
        ValueBson.ReadInstant(change["at"]),
        ReadCause(change["cause"]),
        change["rulebook"].AsString,
        new Reason([.. change["clauses"].AsBsonArray.Select(ReadClause)], [.. ValueBson.ReadTexts(change["events"])]),
        ValueBson.ReadInstantOrNull(change["changesAt"])) { Run = ReadRun(change.AsBsonDocument) };

    private static BsonDocument Write(Clause clause) => new()
    {
        ["text"] = clause.Text,
        ["actual"] = ValueBson.Write(clause.Actual),
        ["threshold"] = ValueBson.Write(clause.Threshold),
        ["holds"] = clause.Holds,
        ["note"] = clause.Note is { } note ? note : BsonNull.Value,
    };

    private static Clause ReadClause(BsonValue clause) => new(
        clause["text"].AsString, ValueBson.Read(clause["actual"]), ValueBson.Read(clause["threshold"]), clause["holds"].AsBoolean, clause["note"] is BsonString note ? note.Value : null);

    /// <summary>Few changes are made by a run.</summary>
    private static BsonDocument WithRun(string? run, BsonDocument document) => run is null ? document : document.Add("run", run);

    private static string? ReadRun(BsonDocument document) => document.TryGetValue("run", out var run) ? run.AsString : null;

    private static ChangeCause ReadCause(BsonValue cause) => Enum.Parse<ChangeCause>(cause.AsString);
}
