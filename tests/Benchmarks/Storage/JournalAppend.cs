using BenchmarkDotNet.Attributes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Storage.Sqlite;

namespace TaggingPipeline.Benchmarks.Storage;

/// <summary>What does the journal cost above the bytes themselves? 5,000 new events of 500 bytes, 10 of each of 500 customers, in one commit.</summary>
/// <remarks>The baseline inserts the same bytes in one transaction into a table without an index. Look at the ratio: the index that makes an event count once is its price.</remarks>
[Config(typeof(OneCommitAnIteration))]
[MemoryDiagnoser]
public class JournalAppend
{
    private const int Customers = 500;
    private const int EventsEach = 10;

    private readonly string _folder = Directory.CreateTempSubdirectory("tagging-benchmark-").FullName;
    private ServiceProvider _services = null!;
    private ICustomerDocuments _documents = null!;
    private SqliteConnection _bare = null!;
    private SqliteCommand _insert = null!;
    private CustomerCommit[] _commits = [];
    private int _number;

    [GlobalSetup]
    public void Open()
    {
        _services = new ServiceCollection().AddSqliteStorage(Path.Combine(_folder, "store.db")).BuildServiceProvider();
        _documents = _services.GetRequiredService<ICustomerDocuments>();
        _bare = StorageInput.OpenBare(Path.Combine(_folder, "bare.db"), "CREATE TABLE events (customer TEXT, event_id TEXT, occurred_at INTEGER, body BLOB)");
        _insert = StorageInput.Prepare(_bare, "INSERT INTO events VALUES (?1, ?2, ?3, ?4)", 4);
    }

    [IterationSetup]
    public void Build() => _commits = [.. Enumerable.Range(0, Customers).Select(customer => new CustomerCommit(
        $"customer-{customer}", Document: null, 0, [.. Enumerable.Range(0, EventsEach).Select(_ => StorageInput.Event(customer, _number++))]))];

    [Benchmark(Baseline = true)]
    public int BareInserts()
    {
        var inserted = 0;
        StorageInput.Run(_bare, "BEGIN IMMEDIATE");
        foreach (var @event in _commits.SelectMany(commit => commit.Events))
        {
            _insert.Parameters[0].Value = @event.Customer;
            _insert.Parameters[1].Value = @event.EventId;
            _insert.Parameters[2].Value = @event.OccurredAt.ToUnixTimeMilliseconds();
            _insert.Parameters[3].Value = @event.Body.ToArray();
            inserted += _insert.ExecuteNonQuery();
        }

        StorageInput.Run(_bare, "COMMIT");
        return inserted;
    }

    [Benchmark]
    public async Task<int> Commit() => (await _documents.CommitAsync(_commits, CancellationToken.None)).Sum(result => result.Appended);

    [GlobalCleanup]
    public void Close()
    {
        _insert.Dispose();
        _bare.Dispose();
        _services.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
