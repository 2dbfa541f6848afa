using MongoDB.Bson;
using MongoDB.Driver;
using TaggingPipeline.Storage.MongoDb.Customers;
using TaggingPipeline.Storage.MongoDb.Projections;
using TaggingPipeline.Storage.MongoDb.Rejections;
using TaggingPipeline.Storage.MongoDb.Subscriptions;

namespace TaggingPipeline.Storage.MongoDb.Database;

/// <summary>Every index, named after the query that it serves. The journal needs none beside its ids.</summary>
internal static class Indexes
{
    public static IEnumerable<(IMongoCollection<BsonDocument> Collection, CreateIndexModel<BsonDocument>[] Indexes)> Of(MongoDatabase database) =>
    [
        (database.Customers,
        [
            Ascending("due_before_an_instant", CustomerBson.WakesAt, "_id"),
            Ascending("decided_by_another_rulebook", OtherRulebooks.Rulebook, "_id"),
            Sparse("with_something_to_tell", CustomerBson.Untold),
        ]),
        (database.Views,
        [
            Ascending("members_of_a_segment", ViewBson.In, "_id"),
            Ascending("of_another_rulebook", OtherRulebooks.Rulebook, "_id"),
            Sparse("not_all_in_the_feed", ViewBson.Unfinished),
        ]),
        (database.Intervals,
        [
            Ascending("members_as_of_an_instant", IntervalBson.Segment, IntervalBson.Customer, IntervalBson.Entered, IntervalBson.Left),
            Ascending("entries_by_instant", IntervalBson.Segment, IntervalBson.Entered, IntervalBson.Customer, IntervalBson.Number),
            Ascending("exits_by_instant", IntervalBson.Segment, IntervalBson.Left, IntervalBson.Customer, IntervalBson.Number),
        ]),
        (database.Feed,
        [
            Unique("each_change_once", $"{NumberedLog.Entries}.{NumberedLog.EntryId}"),
            Ascending("changes_of_a_customer", $"{NumberedLog.Entries}.{MongoChangeFeed.Customer}", "_id"),
        ]),
        (database.Rejections,
        [
            new(new BsonDocument(MongoRejectedEvents.Id, 1), new() { Name = "each_rejection_once", Unique = true, Sparse = true }),
            Ascending("rejections_with_a_code", MongoRejectedEvents.Code, "_id"),
        ]),
        (database.Attempts, [Ascending("log_of_a_subscription", MongoSubscriptions.Subscription, MongoSubscriptions.Number)]),
    ];

    private static CreateIndexModel<BsonDocument> Ascending(string query, params string[] fields) =>
        new(new BsonDocument(fields.Select(field => new BsonElement(field, 1))), new() { Name = query });

    private static CreateIndexModel<BsonDocument> Sparse(string query, string field) => new(new BsonDocument(field, 1), new() { Name = query, Sparse = true });

    private static CreateIndexModel<BsonDocument> Unique(string query, string field) => new(new BsonDocument(field, 1), new() { Name = query, Unique = true });
}
