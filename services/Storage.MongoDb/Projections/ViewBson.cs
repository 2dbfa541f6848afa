using MongoDB.Bson;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Storage.MongoDb.Database;

namespace TaggingPipeline.Storage.MongoDb.Projections;

/// <summary>Customer views as BSON.</summary>
internal static class ViewBson
{
    public const string Tags = "tags";
    public const string Key = "key";
    public const string Value = "value";
    public const string Memberships = "memberships";
    public const string Segment = "segment";
    public const string Since = "since";

    /// <summary>The keys of the segments that the customer is in now.</summary>
    public const string In = "in";

    /// <summary>Entries of the change feed that are not known to be there.</summary>
    public const string Pending = "pending";
    public const string PendingVersion = "pending.version";
    public const string PendingEntries = "entries";

    /// <summary>The customer's id once more while there are such entries: a sparse index on it holds those customers alone.</summary>
    public const string Unfinished = "unfinished";

    /// <summary>All but id and version.</summary>
    /// <param name="pending">What is to be told in the feed.</param>
    public static BsonDocument Write(CustomerView view, IReadOnlyList<NewFeedEntry> pending) => new()
    {
        ["revision"] = view.Revision,
        ["tagSequence"] = view.TagSequence,
        ["segmentSequence"] = view.SegmentSequence,
        [OtherRulebooks.Rulebook] = view.Rulebook,
        [Tags] = new BsonArray(view.Tags.Select(Write)),
        ["traits"] = ValueBson.Write(Domain.Events.Value.Of(view.Traits)),
        [Memberships] = new BsonArray(view.Memberships.Select(Write)),
        [In] = ValueBson.Write(view.Memberships.Where(membership => membership.IsMember).Select(membership => membership.Segment)),
        [Pending] = pending.Count == 0
            ? BsonNull.Value
            : new BsonDocument { [VersionedSaves.Version] = view.Version, [PendingEntries] = new BsonArray(pending.Select(MongoChangeFeed.Write)) },
        [Unfinished] = pending.Count == 0 ? BsonNull.Value : view.Customer,
    };

    public static CustomerView Read(BsonDocument view) => new()
    {
        Customer = view["_id"].AsString,
        Version = view[VersionedSaves.Version].AsInt64,
        Revision = view["revision"].AsInt64,
        TagSequence = view["tagSequence"].AsInt64,
        SegmentSequence = view["segmentSequence"].AsInt64,
        Rulebook = view[OtherRulebooks.Rulebook].AsString,
        Tags = [.. view[Tags].AsBsonArray.Select(tag => new ViewedTag(tag[Key].AsString, tag["category"].AsString, ValueBson.Read(tag[Value]), ValueBson.ReadInstant(tag[Since])))],
        Traits = ValueBson.Read(view["traits"]).AsObject,
        Memberships = [.. view[Memberships].AsBsonArray.Select(ReadMembership)],
    };

    public static Membership ReadMembership(BsonValue membership) =>
        new(membership[Segment].AsString, membership["isMember"].AsBoolean, ValueBson.ReadInstant(membership[Since]), membership["sequence"].AsInt64);

    private static BsonDocument Write(ViewedTag tag) =>
        new() { [Key] = tag.Key, ["category"] = tag.Category, [Value] = ValueBson.Write(tag.Value), [Since] = ValueBson.Write(tag.Since) };

    private static BsonDocument Write(Membership membership) => new()
    {
        [Segment] = membership.Segment,
        ["isMember"] = membership.IsMember,
        [Since] = ValueBson.Write(membership.Since),
        ["sequence"] = membership.KeySequence,
    };
}
