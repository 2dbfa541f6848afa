using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Microsoft.Data.Sqlite;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Benchmarks.Storage;

/// <summary>
/// One commit an iteration, as each waits for the disk; so figures include that wait, on both sides of a comparison. Where the machine is busy with other things,
/// compare the minima.
/// </summary>
internal sealed class OneCommitAnIteration : ManualConfig
{
    public OneCommitAnIteration()
    {
        AddJob(Job.Default.WithStrategy(RunStrategy.Monitoring).WithWarmupCount(15).WithIterationCount(60).WithToolchain(InProcessEmitToolchain.Instance));
        AddColumn(StatisticColumn.Min);
    }
}

/// <summary>What the storage benchmarks store: documents of about 5 KB, half of it the tags of 30 rules, and events of 500 bytes.</summary>
internal static class StorageInput
{
    private static readonly Instant Start = Instant.FromUtc(2025, 3, 1, 0, 0);

    public static CustomerDocument Document(int customer, long version) => new()
    {
        Customer = $"customer-{customer}",
        Version = version,
        EvaluatedAt = Start + Duration.FromMinutes(version),
        WakesAt = Start + Duration.FromSeconds(version * 977 + customer),
        Facts = new byte[2_800],
        Tags = new TagSet("demo-shop@1f3a9c02b7d4", version, [.. Enumerable.Range(0, 30).Select(tag => State(tag, version))]),
        Applied = [],
    };

    public static JournaledEvent Event(int customer, long number) =>
        new($"customer-{customer}", $"event-{number}", Start + Duration.FromSeconds(number), new byte[500]);

    /// <summary>The bare driver on a file with the same durability: what a commit costs at least.</summary>
    public static SqliteConnection OpenBare(string path, string schema)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        Run(connection, $"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; {schema}");
        return connection;
    }

    public static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of these benchmarks.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    public static SqliteCommand Prepare(SqliteConnection connection, string sql, int parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // As above.
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 1; i <= parameters; i++)
            command.Parameters.Add(new SqliteParameter { ParameterName = $"?{i}" });
        return command;
    }

    private static TagState State(int tag, long version) => new(
        $"tag-number-{tag}", "behaviour", (tag % 3) switch { 0 => Value.True, 1 => Value.Of(12.5m * tag + version), _ => Value.Of("high") },
        Start, KeySequence: 3, Start + Duration.FromDays(tag));
}
