using System.Text.Json;
using MongoDB.Bson;
using MongoDB.Driver;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Rejections;
using TaggingPipeline.Storage.MongoDb.Database;

namespace TaggingPipeline.Storage.MongoDb.Rejections;

/// <summary>Rejected events as a <see cref="NumberedLog"/>; the event is JSON, since what was sent may be anything.</summary>
internal sealed class MongoRejectedEvents(MongoDatabase database) : IRejectedEvents
{
    private const string Body = "body";

    private readonly NumberedLog _log = new(database.Rejected, database.Sessions);

    public Task AddAsync(IReadOnlyList<RejectedEvent> events, CancellationToken cancellationToken) => _log.AppendAsync(
        events.Select(rejected => new BsonDocument
        {
            [NumberedLog.EntryId] = rejected.Id,
            [Body] = JsonSerializer.SerializeToUtf8Bytes(rejected, ContractsJson.Options),
        }),
        cancellationToken);

    public async Task<IReadOnlyList<(long Position, RejectedEvent Event)>> ListAsync(long after, int limit, CancellationToken cancellationToken) =>
        await _log.ReadAsync(after, limit, Builders<BsonDocument>.Filter.Empty, cancellationToken)
            .Take(limit)
            .Select(found => (found.Position, JsonSerializer.Deserialize<RejectedEvent>(found.Entry[Body].AsByteArray, ContractsJson.Options)!))
            .ToListAsync(cancellationToken);

    public Task<long> CountAsync(CancellationToken cancellationToken) => _log.CountAsync(cancellationToken);
}
