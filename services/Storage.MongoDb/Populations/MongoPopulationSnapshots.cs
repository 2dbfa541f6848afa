using MongoDB.Bson;
using MongoDB.Driver;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Populations;
using TaggingPipeline.Processing.Populations;
using TaggingPipeline.Storage.MongoDb.Database;

namespace TaggingPipeline.Storage.MongoDb.Populations;

/// <summary>One document for each snapshot of the population, with its number as id.</summary>
internal sealed class MongoPopulationSnapshots(MongoDatabase database) : IPopulationSnapshots
{
    private const string TakenAt = "takenAt";
    private const string Figures = "figures";
    private const string Argument = "argument";
    private const string Customers = "customers";
    private const string Cuts = "cuts";

    private static FilterDefinitionBuilder<BsonDocument> Filter => Builders<BsonDocument>.Filter;

    public Task<bool> AppendAsync(PopulationSnapshot snapshot, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        async session =>
        {
            try
            {
                // Of one document in bulk, so that its failure tells apart what is there already from what a majority has not confirmed.
                await database.Populations.BulkWriteAsync(session, [new InsertOneModel<BsonDocument>(Write(snapshot))], null, cancellationToken);
                return true;
            }
            catch (MongoBulkWriteException<BsonDocument> failure)
            {
                return !failure.Duplicates().Any();
            }
        },
        cancellationToken);

    public Task<PopulationSnapshot?> LatestAsync(long after, CancellationToken cancellationToken) => FindAsync(Filter.Gt("_id", after), cancellationToken);

    public Task<PopulationSnapshot?> FindAsync(long number, CancellationToken cancellationToken) => FindAsync(Filter.Eq("_id", number), cancellationToken);

    private Task<PopulationSnapshot?> FindAsync(FilterDefinition<BsonDocument> filter, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        async session =>
        {
            var found = await database.Populations.Find(session, filter).Sort(Builders<BsonDocument>.Sort.Descending("_id")).Limit(1).FirstOrDefaultAsync(cancellationToken);
            return found is null ? null : Read(found);
        },
        cancellationToken);

    private static BsonDocument Write(PopulationSnapshot snapshot) => new()
    {
        ["_id"] = snapshot.Number,
        [TakenAt] = ValueBson.Write(snapshot.TakenAt),
        [Figures] = new BsonArray(snapshot.Figures.Select(figures => new BsonDocument
        {
            [Argument] = figures.Argument,
            [Customers] = figures.Customers,
            [Cuts] = new BsonArray(figures.Cuts.Select(cut => ValueBson.Write(Value.Of(cut)))),
        })),
    };

    private static PopulationSnapshot Read(BsonDocument snapshot) => new(
        snapshot["_id"].AsInt64,
        ValueBson.ReadInstant(snapshot[TakenAt]),
        [
            .. snapshot[Figures].AsBsonArray.Select(figures => new PopulationFigures(
                figures[Argument].AsString, figures[Customers].AsInt64, [.. figures[Cuts].AsBsonArray.Select(cut => ValueBson.Read(cut).AsNumber)])),
        ]);
}
