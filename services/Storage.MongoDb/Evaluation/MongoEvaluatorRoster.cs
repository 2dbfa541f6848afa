using MongoDB.Bson;
using MongoDB.Driver;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Storage.MongoDb.Database;

namespace TaggingPipeline.Storage.MongoDb.Evaluation;

/// <summary>One document for each evaluator, with the server's time at which it last signed in.</summary>
internal sealed class MongoEvaluatorRoster(MongoDatabase database) : IEvaluatorRoster
{
    private const string SignedInAt = "signedInAt";
    private const string Stay = "stay";

    private static FilterDefinitionBuilder<BsonDocument> Filter => Builders<BsonDocument>.Filter;

    public Task<IReadOnlyList<string>> SignInAsync(string evaluator, TimeSpan stay, CancellationToken cancellationToken) =>
        database.Sessions.RunAsync<IReadOnlyList<string>>(
            async session =>
            {
                await database.Evaluators.UpdateOneAsync(
                    session,
                    Filter.Eq("_id", evaluator),
                    Builders<BsonDocument>.Update.CurrentDate(SignedInAt).Set(Stay, (long)stay.TotalMilliseconds),
                    new UpdateOptions { IsUpsert = true },
                    cancellationToken);
                var all = await database.Evaluators.Find(session, Filter.Empty).ToListAsync(cancellationToken);

                // Its own sign-in was just now.
                var now = TimeOf(all.First(one => one["_id"].AsString == evaluator));
                var gone = all.Where(one => TimeOf(one) + one[Stay].AsInt64 <= now).ToList();
                foreach (var one in gone)
                    await database.Evaluators.DeleteOneAsync(session, Filter.Eq("_id", one["_id"]) & Filter.Eq(SignedInAt, one[SignedInAt]), null, cancellationToken);
                return [.. all.Except(gone).Select(one => one["_id"].AsString).Order(Utf8Order.Instance)];
            },
            cancellationToken);

    public Task SignOutAsync(string evaluator, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        session => database.Evaluators.DeleteOneAsync(session, Filter.Eq("_id", evaluator), null, cancellationToken), cancellationToken);

    private static long TimeOf(BsonDocument evaluator) => evaluator[SignedInAt].AsBsonDateTime.MillisecondsSinceEpoch;
}
