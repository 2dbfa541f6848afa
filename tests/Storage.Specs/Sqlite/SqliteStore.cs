using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Storage.Sqlite;
using TaggingPipeline.Storage.Specs.Suites;

namespace TaggingPipeline.Storage.Specs.Sqlite;

/// <summary>A SQLite file in a folder of its own, deleted afterwards.</summary>
public sealed class SqliteStore : TestStore
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tagging-storage-").FullName;
    private readonly List<ServiceProvider> _processes = [];

    public SqliteStore() => Ports = OpenAgain();

    public string FilePath => Path.Combine(_folder, "store.db");

    public override StoragePorts Ports { get; }

    public override StoragePorts OpenAgain()
    {
        var process = Provide(FilePath);
        _processes.Add(process);
        return StoragePorts.Of(process);
    }

    /// <summary>Closes the file for everyone who opened it.</summary>
    public async Task CloseAsync()
    {
        foreach (var process in _processes)
            await process.DisposeAsync();
        _processes.Clear();
    }

    public override async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public static ServiceProvider Provide(string path) => new ServiceCollection().AddSqliteStorage(path).BuildServiceProvider();
}
