using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Storage.Sqlite;
#if WITH_MONGODB
using Microsoft.Extensions.Hosting;
using MongoDB.Driver;
using TaggingPipeline.Storage.MongoDb;
#endif

namespace TaggingPipeline.Benchmarks.Storage;

/// <summary>What a store costs above the bytes themselves: the commit protocol's reads and writes, and a bulk append.</summary>
/// <remarks>
/// Every commit waits for the disk, on both sides of a comparison. What to look at: the ratio to the raw limit, which holds reading, decoding, encoding, comparing
/// versions, and indexes. The fastest round is printed beside the median: on a busy machine it is the one to compare.
/// </remarks>
internal static class StorageFigures
{
    private const int Customers = 500;
    private const int EventsEach = 10;
    private const int Warmup = 20;
    private const int Rounds = 40;

    public static async Task RunAsync(TextWriter output)
    {
        var folder = Directory.CreateTempSubdirectory("tagging-benchmark-").FullName;
        try
        {
            await using var services = new ServiceCollection().AddSqliteStorage(Path.Combine(folder, "store.db")).BuildServiceProvider();
            await using var bare = new BareFile(Path.Combine(folder, "bare.db"));
            await MeasureAsync("SQLite", services, bare, output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

#if WITH_MONGODB
    /// <param name="server">A connection string; a database of its own is used and dropped.</param>
    public static async Task RunMongoDbAsync(string server, TextWriter output)
    {
        var address = new MongoUrlBuilder(server) { DatabaseName = $"tagging-benchmark-{Guid.NewGuid():N}" }.ToString();
        await using var bare = new BareCollections(address);
        await using var services = new ServiceCollection().AddLogging().AddMongoStorage(address).BuildServiceProvider();
        foreach (var prepared in services.GetServices<IHostedService>())
            await prepared.StartAsync(CancellationToken.None);
        await MeasureAsync("MongoDB's protocol", services, bare, output);
    }
#endif

    private static async Task MeasureAsync(string store, IServiceProvider services, IBareStore bare, TextWriter output)
    {
        await MeasureUpdatesAsync(store, services, bare, output);
        await MeasureAppendsAsync(store, services, bare, output);
        await MeasureSharedWaitAsync(store, services, output);
    }

    private static async Task MeasureUpdatesAsync(string store, IServiceProvider services, IBareStore bare, TextWriter output)
    {
        var documents = services.GetRequiredService<ICustomerDocuments>();
        var journal = services.GetRequiredService<IJournal>();
        var (raw, load, known, commit) = (new Durations(), new Durations(), new Durations(), new Durations());
        await documents.CommitAsync(StorageInput.Updates(Customers, 0), CancellationToken.None);
        for (var version = 1; version <= Warmup + Rounds; version++)
        {
            var commits = StorageInput.Updates(Customers, version);
            if (version == Warmup + 1)
                (raw, load, known, commit) = (new Durations(), new Durations(), new Durations(), new Durations());
            await raw.AddAsync(() => bare.InsertAsync(commits));
            await load.AddAsync(() => documents.LoadAsync([.. commits.Select(commit => commit.Customer)], CancellationToken.None));
            await known.AddAsync(() => journal.KnownAsync([.. commits.Select(commit => commit.Events[0].Key)], CancellationToken.None));
            var results = await commit.AddAsync(() => documents.CommitAsync(commits, CancellationToken.None));
            if (!results.All(result => result.Saved))
                throw new InvalidOperationException("A save was lost though nobody else writes.");
        }

        output.WriteLine($"{store}, {Customers} customers, each with a document of 5 KB and an event of 500 bytes:");
        output.WriteLine($"  raw (the same bytes inserted bare)       {raw}");
        output.WriteLine($"  load                                     {load}   {load.RatioTo(raw)}");
        output.WriteLine($"  ask the journal                          {known}   {known.RatioTo(raw)}");
        output.WriteLine($"  compare, set and append                  {commit}   {commit.RatioTo(raw)}");
    }

    private static async Task MeasureAppendsAsync(string store, IServiceProvider services, IBareStore bare, TextWriter output)
    {
        var documents = services.GetRequiredService<ICustomerDocuments>();
        var (raw, append) = (new Durations(), new Durations());
        for (var round = 0; round < Rounds; round++)
        {
            var commits = StorageInput.Appends(Customers, EventsEach, from: 1_000_000 + round * EventsEach);
            await raw.AddAsync(() => bare.InsertAsync(commits));
            await append.AddAsync(() => documents.CommitAsync(commits, CancellationToken.None));
        }

        output.WriteLine($"{store}, {Customers * EventsEach} events of 500 bytes appended in one commit:");
        output.WriteLine($"  raw (the same bytes inserted bare)       {raw}");
        output.WriteLine($"  append                                   {append}   {append.RatioTo(raw)}");
    }

    private static async Task MeasureSharedWaitAsync(string store, IServiceProvider services, TextWriter output)
    {
        var documents = services.GetRequiredService<ICustomerDocuments>();
        output.WriteLine($"{store}, commits of one event each, by how many write at once:");
        foreach (var writers in new[] { 1, 8, 64 })
        {
            const int Each = 50;
            var started = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, writers).Select(async writer =>
            {
                for (var i = 0; i < Each; i++)
                    await documents.CommitAsync(StorageInput.Appends(customers: 1, eventsEach: 1, from: 10_000_000L * writers + writer * Each + i), CancellationToken.None);
            }));
            output.WriteLine($"  {writers,2} {writers * Each / Stopwatch.GetElapsedTime(started).TotalSeconds,38:N0} commits/s");
        }
    }

    /// <summary>How long the rounds of one thing took.</summary>
    private sealed class Durations
    {
        private readonly List<double> _milliseconds = [];

        private double Fastest => _milliseconds.Min();

        public async Task AddAsync(Func<Task> work)
        {
            var started = Stopwatch.GetTimestamp();
            await work();
            _milliseconds.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        public async Task<T> AddAsync<T>(Func<Task<T>> work)
        {
            var started = Stopwatch.GetTimestamp();
            var result = await work();
            _milliseconds.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            return result;
        }

        public string RatioTo(Durations raw) => $"{Fastest / raw.Fastest:N1} × raw";

        public override string ToString() => $"fastest {Fastest,7:N2} ms   median {_milliseconds.Order().ElementAt(_milliseconds.Count / 2),7:N2} ms";
    }
}
