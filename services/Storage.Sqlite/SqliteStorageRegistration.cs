using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
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
using TaggingPipeline.Storage.Sqlite.Customers;
using TaggingPipeline.Storage.Sqlite.Database;
using TaggingPipeline.Storage.Sqlite.DeadLetters;
using TaggingPipeline.Storage.Sqlite.Evaluation;
using TaggingPipeline.Storage.Sqlite.Exchange;
using TaggingPipeline.Storage.Sqlite.Journal;
using TaggingPipeline.Storage.Sqlite.Leases;
using TaggingPipeline.Storage.Sqlite.Populations;
using TaggingPipeline.Storage.Sqlite.Projections;
using TaggingPipeline.Storage.Sqlite.Rejections;
using TaggingPipeline.Storage.Sqlite.Replays;
using TaggingPipeline.Storage.Sqlite.Rulebooks;
using TaggingPipeline.Storage.Sqlite.Subscriptions;

namespace TaggingPipeline.Storage.Sqlite;

/// <summary>Adds every storage port, kept in one SQLite file.</summary>
public static class SqliteStorageRegistration
{
    /// <param name="services">Where to add them.</param>
    /// <param name="path">The file; it and its folder are created when missing. Several processes of one machine may use it at once.</param>
    /// <remarks>
    /// The file is opened, and brought to the current schema, before any hosted service starts, or when a port is first asked for;
    /// <see cref="StorageException"/> says what is wrong with it. It must lie on a local disk: WAL needs shared memory.
    /// </remarks>
    public static IServiceCollection AddSqliteStorage(this IServiceCollection services, string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        services.AddSingleton(_ => SqliteDatabase.Open(path));
        services.AddSingleton<ICustomerDocuments, SqliteCustomerDocuments>();
        services.AddSingleton<IJournal, SqliteJournal>();
        services.AddSingleton<ICustomerViews, SqliteCustomerViews>();
        services.AddSingleton<IChangeFeed, SqliteChangeFeed>();
        services.AddSingleton<ISegmentHistory, SqliteSegmentHistory>();
        services.AddSingleton<IRejectedEvents, SqliteRejectedEvents>();
        services.AddSingleton<IEvaluatorRoster, SqliteEvaluatorRoster>();
        services.AddSingleton<IPopulationSnapshots, SqlitePopulationSnapshots>();
        services.AddSingleton<IRulebookVersions, SqliteRulebookVersions>();
        services.AddSingleton<ISubscriptions, SqliteSubscriptions>();
        services.AddSingleton<ILeases, SqliteLeases>();
        services.AddSingleton<IFeedPositions, SqliteFeedPositions>();
        services.AddSingleton<ISubscriberQueues, SqliteSubscriberQueues>();
        services.AddSingleton<IDeadLetters, SqliteDeadLetters>();
        services.AddSingleton<IReplays, SqliteReplays>();
        services.AddHostedService<OpenedBeforeStart>();
        return services;
    }

    /// <summary>Hosts build all their hosted services before they start the first, so a bad file stops the process at once.</summary>
    private sealed class OpenedBeforeStart : IHostedService
    {
        public OpenedBeforeStart(SqliteDatabase opened) => ArgumentNullException.ThrowIfNull(opened);

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
