using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using MongoDB.Driver;
using TaggingPipeline.Storage.MongoDb;
using TaggingPipeline.Storage.Specs.Suites;

namespace TaggingPipeline.Storage.Specs.MongoDb;

/// <summary>A database of its own on the server that the environment variable TAGGING_TEST_MONGODB names, dropped afterwards.</summary>
public sealed class MongoStore : TestStore
{
    public const string Variable = "TAGGING_TEST_MONGODB";

    private readonly List<ServiceProvider> _processes = [];

    public MongoStore() => Ports = OpenAgain();

    /// <summary>The connection string of the database.</summary>
    public string Address { get; } = AddressOf($"tagging-test-{Guid.NewGuid():N}");

    public override StoragePorts Ports { get; }

    /// <summary>The connection string of a database on that server. Without one the test is not run.</summary>
    public static string AddressOf(string database)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } server)
        {
            Assert.Ignore($"{Variable} names no server.");
            return "";
        }

        var url = new MongoUrlBuilder(server) { DatabaseName = database };
        if (url.Username is not null)
            url.AuthenticationSource ??= "admin"; // else users are looked for in the new database
        return url.ToString();
    }

    public override StoragePorts OpenAgain()
    {
        var process = new ServiceCollection().AddLogging().AddMongoStorage(Address).BuildServiceProvider();
        _processes.Add(process);
        foreach (var prepared in process.GetServices<IHostedService>())
            prepared.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        return StoragePorts.Of(process);
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
            await process.DisposeAsync();
        using var client = new MongoClient(Address);
        await client.DropDatabaseAsync(MongoUrl.Create(Address).DatabaseName);
    }
}
