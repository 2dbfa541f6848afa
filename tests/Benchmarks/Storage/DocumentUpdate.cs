using BenchmarkDotNet.Attributes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Storage.Sqlite;

namespace TaggingPipeline.Benchmarks.Storage;

/// <summary>What does the commit protocol cost at the store? 500 customers with one event each: load, ask the journal, compare and set, append.</summary>
/// <remarks>
/// The baseline inserts the same bytes, 500 documents and 500 events, in one transaction, and reads nothing. The ratio therefore holds reading, decoding and
/// encoding as well; the three of them alone are measured beside it.
/// </remarks>
[Config(typeof(OneCommitAnIteration))]
[MemoryDiagnoser]
public class DocumentUpdate
{
    private const int Customers = 500;

    private readonly string _folder = Directory.CreateTempSubdirectory("tagging-benchmark-").FullName;
    private readonly string[] _ids = [.. Enumerable.Range(0, Customers).Select(customer => $"customer-{customer}")];
    private ServiceProvider _services = null!;
    private ICustomerDocuments _documents = null!;
    private IJournal _journal = null!;
    private SqliteConnection _bare = null!;
    private SqliteCommand _insertDocument = null!;
    private SqliteCommand _insertEvent = null!;
    private CustomerCommit[] _commits = [];
    private long _version;

    [GlobalSetup]
    public void Open()
    {
        _services = new ServiceCollection().AddSqliteStorage(Path.Combine(_folder, "store.db")).BuildServiceProvider();
        _documents = _services.GetRequiredService<ICustomerDocuments>();
        _journal = _services.GetRequiredService<IJournal>();
        _bare = StorageInput.OpenBare(Path.Combine(_folder, "bare.db"), "CREATE TABLE documents (id TEXT, body BLOB); CREATE TABLE events (customer TEXT, event_id TEXT, body BLOB)");
        _insertDocument = StorageInput.Prepare(_bare, "INSERT INTO documents VALUES (?1, ?2)", 2);
        _insertEvent = StorageInput.Prepare(_bare, "INSERT INTO events VALUES (?1, ?2, ?3)", 3);
        Build();

        // Waited for here: the in-process toolchain does not wait for an asynchronous set-up.
        _documents.CommitAsync(_commits, CancellationToken.None).GetAwaiter().GetResult();
        _version = 1;
    }

    [IterationSetup]
    public void Build() => _commits = [.. Enumerable.Range(0, Customers).Select(customer => new CustomerCommit(
        _ids[customer], StorageInput.Document(customer, _version + 1), _version, [StorageInput.Event(customer, _version)]))];

    [Benchmark(Baseline = true)]
    public int BareInserts()
    {
        var inserted = 0;
        StorageInput.Run(_bare, "BEGIN IMMEDIATE");
        foreach (var commit in _commits)
        {
            _insertDocument.Parameters[0].Value = commit.Customer;
            _insertDocument.Parameters[1].Value = new byte[5_000];
            inserted += _insertDocument.ExecuteNonQuery();
            _insertEvent.Parameters[0].Value = commit.Customer;
            _insertEvent.Parameters[1].Value = commit.Events[0].EventId;
            _insertEvent.Parameters[2].Value = commit.Events[0].Body.ToArray();
            inserted += _insertEvent.ExecuteNonQuery();
        }

        StorageInput.Run(_bare, "COMMIT");
        return inserted;
    }

    [Benchmark]
    public async Task<int> Load() => (await _documents.LoadAsync(_ids, CancellationToken.None)).Count;

    [Benchmark]
    public async Task<int> Known() => (await _journal.KnownAsync([.. _commits.Select(commit => commit.Events[0].Key)], CancellationToken.None)).Count;

    [Benchmark]
    public async Task<int> LoadKnownAndCommit()
    {
        var loaded = await Load();
        await Known();
        var results = await _documents.CommitAsync(_commits, CancellationToken.None);
        _version++;
        return results.All(result => result.Saved) ? loaded : throw new InvalidOperationException("A save was lost though nobody else writes.");
    }

    [GlobalCleanup]
    public void Close()
    {
        _insertDocument.Dispose();
        _insertEvent.Dispose();
        _bare.Dispose();
        _services.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
