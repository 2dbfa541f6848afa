using Microsoft.Extensions.DependencyInjection;
using MongoDB.Driver;
using TaggingPipeline.Processing;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.DeadLetters;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Exchange;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Leases;
using TaggingPipeline.Processing.Populations;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rejections;
using TaggingPipeline.Processing.Replays;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Processing.Subscriptions;
using TaggingPipeline.Storage.MongoDb.Customers;
using TaggingPipeline.Storage.MongoDb.Database;
using TaggingPipeline.Storage.MongoDb.DeadLetters;
using TaggingPipeline.Storage.MongoDb.Evaluation;
using TaggingPipeline.Storage.MongoDb.Exchange;
using TaggingPipeline.Storage.MongoDb.Journal;
using TaggingPipeline.Storage.MongoDb.Leases;
using TaggingPipeline.Storage.MongoDb.Populations;
using TaggingPipeline.Storage.MongoDb.Projections;
using TaggingPipeline.Storage.MongoDb.Rejections;
using TaggingPipeline.Storage.MongoDb.Replays;
using TaggingPipeline.Storage.MongoDb.Rulebooks;
using TaggingPipeline.Storage.MongoDb.Subscriptions;

namespace TaggingPipeline.Storage.MongoDb;

/// <summary>Adds every storage port, kept in one MongoDB database.</summary>
public static class MongoStorageRegistration
{
    /// <summary>What is wrong with a connection string, without repeating it; null if nothing is.</summary>
    public static string? ProblemWith(string address)
    {
        try
        {
            _ = new MongoUrl(address);
            return null;
        }
        catch (MongoConfigurationException)
        {
            return "it is not a connection string as MongoDB defines it";
        }
    }

    /// <param name="services">Where to add them.</param>
    /// <param name="address">A connection string, such as <c>mongodb://localhost/tagging</c>; the database defaults to <c>tagging</c>.</param>
    /// <remarks>
    /// Any number of processes may use the database at once. When the host starts it waits for the server, checks the database's format and creates missing indexes
    /// before it starts what was added later; <see cref="StorageException"/> says what is wrong. Write concern, read concern and read preference are not the address's to choose.
    /// </remarks>
    public static IServiceCollection AddMongoStorage(this IServiceCollection services, string address)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(address);
        services.AddSingleton(_ => new MongoDatabase(address));
        services.AddSingleton<ICustomerDocuments, MongoCustomerDocuments>();
        services.AddSingleton<IJournal, MongoJournal>();
        services.AddSingleton<MongoChangeFeed>();
        services.AddSingleton<IChangeFeed>(provider => provider.GetRequiredService<MongoChangeFeed>());
        services.AddSingleton<MongoSegmentHistory>();
        services.AddSingleton<ISegmentHistory>(provider => provider.GetRequiredService<MongoSegmentHistory>());
        services.AddSingleton<ICustomerViews, MongoCustomerViews>();
        services.AddSingleton<MongoRejectedEvents>();
        services.AddSingleton<IRejectedEvents>(provider => provider.GetRequiredService<MongoRejectedEvents>());
        services.AddSingleton<IEvaluatorRoster, MongoEvaluatorRoster>();
        services.AddSingleton<IPopulationSnapshots, MongoPopulationSnapshots>();
        services.AddSingleton<IRulebookVersions, MongoRulebookVersions>();
        services.AddSingleton<ISubscriptions, MongoSubscriptions>();
        services.AddSingleton<ILeases, MongoLeases>();
        services.AddSingleton<IFeedPositions, MongoFeedPositions>();
        services.AddSingleton<ISubscriberQueues, MongoSubscriberQueues>();
        services.AddSingleton<IDeadLetters, MongoDeadLetters>();
        services.AddSingleton<IReplays, MongoReplays>();
        services.AddHostedService<Preparation>();
        return services;
    }
}
