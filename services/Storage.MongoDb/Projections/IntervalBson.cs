using MongoDB.Bson;
using MongoDB.Driver;
using NodaTime;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Storage.MongoDb.Database;

namespace TaggingPipeline.Storage.MongoDb.Projections;

/// <summary>Intervals of memberships as BSON: one document from a customer's entering a segment to their leaving it.</summary>
/// <remarks>
/// It is named after the crossing that began it, and each of its two crossings sets a field of its own. So crossings can be put any number of times and in any order:
/// the documents come out the same.
/// </remarks>
internal static class IntervalBson
{
    public const string Segment = "segment";
    public const string Customer = "customer";

    /// <summary>Of the crossing that began it.</summary>
    public const string Number = "number";
    public const string Entered = "entered";

    /// <summary>Not there while the membership stands.</summary>
    public const string Left = "left";

    /// <summary>What puts the crossings that are pending in a view.</summary>
    public static IEnumerable<UpdateOneModel<BsonDocument>> Puts(string customer, BsonDocument pending) =>
        pending.TryGetValue(ViewBson.PendingCrossings, out var crossings) ? crossings.AsBsonArray.Select(crossing => Put(customer, ViewBson.ReadMembership(crossing))) : [];

    public static UpdateOneModel<BsonDocument> Put(string customer, Membership crossing)
    {
        var number = crossing.IsMember ? crossing.Crossings : crossing.Crossings - 1;
        var id = new BsonDocument { [Segment] = crossing.Segment, [Customer] = customer, [Number] = number };
        var update = new BsonDocument
        {
            ["$set"] = new BsonDocument(crossing.IsMember ? Entered : Left, ValueBson.Write(crossing.Since)),
            ["$setOnInsert"] = new BsonDocument(id),
        };
        return new(new BsonDocument("_id", id), update) { IsUpsert = true };
    }

    public static SegmentMember ReadMember(BsonDocument interval) => new(interval[Customer].AsString, ValueBson.ReadInstant(interval[Entered]));

    public static Crossing ReadEntry(BsonDocument interval) =>
        new(interval[Customer].AsString, HasEntered: true, ValueBson.ReadInstant(interval[Entered]), interval[Number].AsInt64);

    public static Crossing ReadExit(BsonDocument interval) =>
        new(interval[Customer].AsString, HasEntered: false, ValueBson.ReadInstant(interval[Left]), interval[Number].AsInt64 + 1);
}
