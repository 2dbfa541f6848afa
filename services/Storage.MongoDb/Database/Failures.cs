using MongoDB.Bson;
using MongoDB.Driver;

namespace TaggingPipeline.Storage.MongoDb.Database;

/// <summary>What bulk operations report.</summary>
internal static class Failures
{
    /// <summary>The positions of the operations that failed because the key was there already.</summary>
    /// <exception cref="MongoBulkWriteException">Anything else failed, or a majority has not confirmed in time.</exception>
    public static IEnumerable<int> Duplicates(this MongoBulkWriteException<BsonDocument> failure)
    {
        if (failure.WriteConcernError is not null || failure.WriteErrors.Any(error => error.Category != ServerErrorCategory.DuplicateKey))
            throw failure;
        return failure.WriteErrors.Select(error => error.Index);
    }
}
