using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;
using TaggingPipeline.Processing;
using TaggingPipeline.Storage.MongoDb.Projections;
using TaggingPipeline.Storage.MongoDb.Rejections;

namespace TaggingPipeline.Storage.MongoDb.Database;

/// <summary>Makes the database ready before anything else of the host starts: its format is checked, its indexes are there.</summary>
/// <remarks>Waits for a server that is away for as long as it takes. Several processes may do it at once.</remarks>
internal sealed partial class Preparation(MongoDatabase database, MongoSegmentHistory history, MongoRejectedEvents rejected, ILogger<Preparation> logger) : IHostedService
{
    /// <summary>One more with every change of the documents that older software cannot read.</summary>
    private const int FormatVersion = 2;

    /// <summary>From it on intervals of memberships are kept.</summary>
    private const int WithIntervals = 2;

    private const string FormatId = "tagging";
    private const string Version = "version";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <exception cref="StorageException">The server refuses, or the database cannot be used.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await PrepareAsync(cancellationToken);
                return;
            }
            catch (Exception away) when (away is TimeoutException or MongoConnectionException and not MongoAuthenticationException or MongoNotPrimaryException
                or MongoNodeIsRecoveringException or MongoWriteConcernException)
            {
                LogAwaited(away.Message);
                await Task.Delay(Pause, cancellationToken);
            }
            catch (MongoException refused)
            {
                throw new StorageException(refused.Message, refused);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var version = await CheckFormatAsync(cancellationToken);
        foreach (var (collection, indexes) in Indexes.Of(database))
            await collection.Indexes.CreateManyAsync(indexes, cancellationToken);
        await rejected.TakeOverAsync(cancellationToken);
        if (version >= WithIntervals)
            return;

        // What is known of the past are the memberships that stand. Only then is the format another: whoever is interrupted begins anew.
        await history.AddStandingAsync(cancellationToken);
        await database.Format.UpdateOneAsync(
            Builders<BsonDocument>.Filter.Eq("_id", FormatId) & Builders<BsonDocument>.Filter.Lt(Version, FormatVersion),
            Builders<BsonDocument>.Update.Set(Version, FormatVersion),
            cancellationToken: cancellationToken);
    }

    /// <returns>The version that the database has, at most <see cref="FormatVersion"/>.</returns>
    private async Task<int> CheckFormatAsync(CancellationToken cancellationToken)
    {
        var stored = await database.Format.FindOneAndUpdateAsync<BsonDocument>(
            Builders<BsonDocument>.Filter.Eq("_id", FormatId),
            Builders<BsonDocument>.Update.SetOnInsert(Version, FormatVersion),
            new() { IsUpsert = true, ReturnDocument = ReturnDocument.After },
            cancellationToken);
        var version = stored[Version].ToInt32();
        if (version > FormatVersion)
            throw new StorageException($"its format has version {version}, and this software knows formats up to {FormatVersion}; use the version that wrote it, or a newer one");
        return version;
    }

    [LoggerMessage(700, LogLevel.Warning, "The store is not there yet: {Reason}")]
    private partial void LogAwaited(string reason);
}
