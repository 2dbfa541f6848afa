using MongoDB.Bson;
using MongoDB.Driver;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Storage.MongoDb.Database;

namespace TaggingPipeline.Storage.MongoDb.Rulebooks;

/// <summary>One document for each version of the rulebook, with its number as id; and one that says whose roll-over is to wait.</summary>
internal sealed class MongoRulebookVersions(MongoDatabase database) : IRulebookVersions
{
    private const string Name = "name";
    private const string ContentHash = "contentHash";
    private const string Author = "author";
    private const string Message = "message";
    private const string Source = "source";
    private const string PublishedAt = "publishedAt";
    private const string Content = "content";
    private const string Pause = "pause";
    private const string Number = "number";

    private static FilterDefinitionBuilder<BsonDocument> Filter => Builders<BsonDocument>.Filter;

    /// <remarks>Versions are never removed, so that the one before is still there when this one is inserted; and of several with one number the first stays.</remarks>
    public Task<bool> AppendAsync(PublishedRulebook published, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        async session =>
        {
            var number = published.Version.Number;
            if (number != 1 && !await database.Rulebooks.Find(session, Filter.Eq("_id", number - 1)).AnyAsync(cancellationToken))
                return false;
            try
            {
                // Of one document in bulk, so that its failure tells apart what is there already from what a majority has not confirmed.
                await database.Rulebooks.BulkWriteAsync(session, [new InsertOneModel<BsonDocument>(Write(published))], null, cancellationToken);
                return true;
            }
            catch (MongoBulkWriteException<BsonDocument> failure)
            {
                return !failure.Duplicates().Any();
            }
        },
        cancellationToken);

    public Task<PublishedRulebook?> LatestAsync(long after, CancellationToken cancellationToken) => FindAsync(Filter.Gt("_id", after), cancellationToken);

    public Task<PublishedRulebook?> FindAsync(long number, CancellationToken cancellationToken) => FindAsync(Filter.Eq("_id", number), cancellationToken);

    public async Task<RulebookVersion?> FindContentAsync(string contentHash, CancellationToken cancellationToken) =>
        (await ListAsync(Filter.Eq(ContentHash, contentHash), 1, cancellationToken)).SingleOrDefault();

    public Task<IReadOnlyList<RulebookVersion>> ListAsync(long? before, int limit, CancellationToken cancellationToken) =>
        ListAsync(before is { } number ? Filter.Lt("_id", number) : Filter.Empty, limit, cancellationToken);

    public Task<long?> PausedAsync(CancellationToken cancellationToken) => database.Sessions.RunAsync<long?>(
        async session => (await database.RolloverPause.Find(session, Filter.Eq("_id", Pause)).FirstOrDefaultAsync(cancellationToken))?[Number].AsInt64, cancellationToken);

    public Task PauseAsync(long? number, CancellationToken cancellationToken) => database.Sessions.RunAsync<object?>(
        async session =>
        {
            if (number is { } paused)
            {
                await database.RolloverPause.ReplaceOneAsync(
                    session, Filter.Eq("_id", Pause), new BsonDocument { ["_id"] = Pause, [Number] = paused }, new ReplaceOptions { IsUpsert = true }, cancellationToken);
            }
            else
            {
                await database.RolloverPause.DeleteOneAsync(session, Filter.Eq("_id", Pause), null, cancellationToken);
            }

            return null;
        },
        cancellationToken);

    private Task<PublishedRulebook?> FindAsync(FilterDefinition<BsonDocument> filter, CancellationToken cancellationToken) => database.Sessions.RunAsync(
        async session =>
        {
            var found = await database.Rulebooks.Find(session, filter).Sort(Builders<BsonDocument>.Sort.Descending("_id")).Limit(1).FirstOrDefaultAsync(cancellationToken);
            return found is null ? null : new PublishedRulebook(Read(found), found[Content].AsString);
        },
        cancellationToken);

    private Task<IReadOnlyList<RulebookVersion>> ListAsync(FilterDefinition<BsonDocument> filter, int limit, CancellationToken cancellationToken) =>
        database.Sessions.RunAsync<IReadOnlyList<RulebookVersion>>(
            async session =>
            {
                var found = await database.Rulebooks.Find(session, filter).Sort(Builders<BsonDocument>.Sort.Descending("_id")).Limit(limit)
                    .Project(new BsonDocument(Content, 0)).ToListAsync(cancellationToken);
                return found.ConvertAll(Read);
            },
            cancellationToken);

    private static BsonDocument Write(PublishedRulebook published) => new()
    {
        ["_id"] = published.Version.Number,
        [Name] = published.Version.Name,
        [ContentHash] = published.Version.ContentHash,
        [Author] = published.Version.Author,
        [Message] = published.Version.Message,
        [Source] = published.Version.Source,
        [PublishedAt] = ValueBson.Write(published.Version.PublishedAt),
        [Content] = published.Content,
    };

    private static RulebookVersion Read(BsonDocument version) => new(
        version["_id"].AsInt64, version[Name].AsString, version[ContentHash].AsString, version[Author].AsString, version[Message].AsString, version[Source].AsString,
        ValueBson.ReadInstant(version[PublishedAt]));
}
