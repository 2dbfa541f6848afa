using System.Diagnostics;
using System.Globalization;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Storage.Specs.Suites;
using static TaggingPipeline.Storage.Specs.Suites.Samples;

namespace TaggingPipeline.Storage.Specs.Sqlite;

/// <summary>A process is killed with SIGKILL while it writes.</summary>
public sealed class KilledWriterSpecs
{
    private const int Seed = 20250301;

    [Test]
    [CancelAfter(60_000)]
    public async Task What_it_acknowledged_is_there_whole(CancellationToken cancellationToken)
    {
        TestContext.Out.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        await using var store = new SqliteStore();
        await store.CloseAsync();

        for (var round = 0; round < 3; round++)
        {
            var acknowledged = await RunAndKillAsync(store.FilePath, random.Next(20, 200), cancellationToken);

            var ports = store.OpenAgain();
            var document = (await ports.Customers.LoadAsync(["ann"], cancellationToken)).Single();
            Assert.That(document.Version, Is.GreaterThanOrEqualTo(acknowledged));
            Assert.That(await ports.Journal.CountAsync(cancellationToken), Is.EqualTo(document.Version + document.Unjournaled.Length), "document and events are committed together");
            Assert.That(await ports.Journal.KnownAsync([.. Enumerable.Range(1, (int)document.Version).Select(KeyOf)], cancellationToken), Has.Count.EqualTo(document.Version));
            await store.CloseAsync();
        }
    }

    /// <summary>What the process does: commits version after version, and says each when it is acknowledged.</summary>
    internal static async Task WriteUntilKilledAsync(string path)
    {
        await using var services = SqliteStore.Provide(path);
        var customers = StoragePorts.Of(services).Customers;
        var version = (await customers.LoadAsync(["ann"], CancellationToken.None)).SingleOrDefault()?.Version ?? 0;
        while (true)
        {
            version++;
            var key = KeyOf((int)version);
            await customers.CommitAsync([Save(FullDocument("ann", version), Event(key.Customer, key.EventId))], CancellationToken.None);
            await Console.Out.WriteLineAsync(version.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static EventKey KeyOf(int version) => new("ann", $"e-{version}");

    private static async Task<long> RunAndKillAsync(string path, int commits, CancellationToken cancellationToken)
    {
        using var writer = Process.Start(new ProcessStartInfo("dotnet", ["exec", typeof(KilledWriterSpecs).Assembly.Location, path]) { RedirectStandardOutput = true })!;
        try
        {
            var acknowledged = 0L;
            for (var i = 0; i < commits; i++)
                acknowledged = long.Parse((await writer.StandardOutput.ReadLineAsync(cancellationToken))!, CultureInfo.InvariantCulture);
            return acknowledged;
        }
        finally
        {
            writer.Kill();
            await writer.WaitForExitAsync(CancellationToken.None);
        }
    }
}
