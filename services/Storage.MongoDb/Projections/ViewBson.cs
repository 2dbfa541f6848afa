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

    /// <summary>Entries of the change feed and crossings of segments that are not known to be where they belong.</summary>
    public const string Pending = "pending";
    public const string PendingVersion = "pending.version";
    public const string PendingEntries = "entries";
    public const string PendingCrossings = "crossings";

    /// <summary>The customer's id once more while there are such entries: a sparse index on it holds those customers alone.</summary>
    public const string Unfinished = "unfinished";

    /// <summary>All but id and version.</summary>
    /// <param name="commit">What it tells is pending.</param>
    public static BsonDocument Write(ViewCommit commit)
    {
        var (view, pending) = (commit.View, WritePending(commit));
        return new()
        {
            ["revision"] = view.Revision,
            ["tagSequence"] = view.TagSequence,
            ["segmentSequence"] = view.SegmentSequence,
            [OtherRulebooks.Rulebook] = view.Rulebook,
            [OtherRulebooks.Number] = view.RulebookNumber,
            [Tags] = new BsonArray(view.Tags.Select(Write)),
            ["traits"] = ValueBson.Write(Domain.Events.Value.Of(view.Traits)),
            [Memberships] = new BsonArray(view.Memberships.Select(Write)),
            [In] = ValueBson.Write(view.Memberships.Where(membership => membership.IsMember).Select(membership => membership.Segment)),
            [Pending] = pending,
            [Unfinished] = pending.IsBsonNull ? BsonNull.Value : view.Customer,
        };
    }

    public static CustomerView Read(BsonDocument view) => new()
    {
        Customer = view["_id"].AsString,
        Version = view[VersionedSaves.Version].AsInt64,
        Revision = view["revision"].AsInt64,
        TagSequence = view["tagSequence"].AsInt64,
        SegmentSequence = view["segmentSequence"].AsInt64,
        Rulebook = view[OtherRulebooks.Rulebook].AsString,
        RulebookNumber = view.GetValue(OtherRulebooks.Number, 0L).ToInt64(),
        Tags = [.. view[Tags].AsBsonArray.Select(tag => new ViewedTag(tag[Key].AsString, tag["category"].AsString, ValueBson.Read(tag[Value]), ValueBson.ReadInstant(tag[Since])))],
        Traits = ValueBson.Read(view["traits"]).AsObject,
        Memberships = [.. view[Memberships].AsBsonArray.Select(ReadMembership)],
    };

    public static Membership ReadMembership(BsonValue membership) =>
        new(membership[Segment].AsString, membership["isMember"].AsBoolean, ValueBson.ReadInstant(membership[Since]), membership["sequence"].AsInt64, membership.AsBsonDocument.GetValue("quiet", 0L).AsInt64);

    private static BsonValue WritePending(ViewCommit commit) => commit.Entries.Count == 0 && commit.Crossings.Count == 0
        ? BsonNull.Value
        : new BsonDocument
        {
            [VersionedSaves.Version] = commit.View.Version,
            [PendingEntries] = new BsonArray(commit.Entries.Select(MongoChangeFeed.Write)),
            [PendingCrossings] = new BsonArray(commit.Crossings.Select(Write)),
        };

    private static BsonDocument Write(ViewedTag tag) =>
        new() { [Key] = tag.Key, ["category"] = tag.Category, [Value] = ValueBson.Write(tag.Value), [Since] = ValueBson.Write(tag.Since) };

    private static BsonDocument Write(Membership membership) => new()
    {
        [Segment] = membership.Segment,
        ["isMember"] = membership.IsMember,
        [Since] = ValueBson.Write(membership.Since),
        ["sequence"] = membership.KeySequence,
        ["quiet"] = membership.Quiet,
    };
}
