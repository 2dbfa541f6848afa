using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Storage.Sqlite.Database;

namespace TaggingPipeline.Storage.Sqlite.Customers;

/// <summary>A customer document, encoded and ready to be saved.</summary>
internal sealed record CustomerRow
{
    private const string Insert = """
        INSERT INTO customers (id, version, evaluated_at, wakes_at, rulebook, tags, applied, facts, unjournaled, rulebook_number)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT (id) DO NOTHING
        """;

    // Writing a column writes its indexes, even if the value stays; the rulebook nearly always does.
    private const string UpdateSameRulebook = """
        UPDATE customers SET version = ?2, evaluated_at = ?3, wakes_at = ?4, tags = ?6, applied = ?7, facts = ?8, unjournaled = ?9, rulebook_number = ?10
        WHERE id = ?1 AND version = ?11 AND rulebook = ?5
        """;

    private const string Update = """
        UPDATE customers SET version = ?2, evaluated_at = ?3, wakes_at = ?4, rulebook = ?5, tags = ?6, applied = ?7, facts = ?8, unjournaled = ?9, rulebook_number = ?10
        WHERE id = ?1 AND version = ?11
        """;

    private const string PutOutbox = """
        INSERT INTO outboxes (customer, revision, body) VALUES (?1, ?2, ?3)
        ON CONFLICT (customer) DO UPDATE SET revision = excluded.revision, body = excluded.body
        """;

    private const string DeleteOutbox = "DELETE FROM outboxes WHERE customer = ?1";

    private readonly CustomerDocument _document;
    private readonly long _expectedVersion;
    private readonly byte[] _facts;
    private readonly byte[] _tags;
    private readonly byte[] _applied;
    private readonly byte[]? _unjournaled;
    private readonly byte[]? _outbox;

    private CustomerRow(CustomerDocument document, long expectedVersion)
    {
        _document = document;
        _expectedVersion = expectedVersion;
        _facts = document.Facts.Bytes;
        _tags = CustomerJson.WriteTags(document.Tags);
        _applied = CustomerJson.WriteTexts(document.Applied);
        _unjournaled = document.Unjournaled.IsEmpty ? null : CustomerJson.WriteEvents(document.Unjournaled);
        _outbox = document.Outbox is { } outbox ? CustomerJson.WriteOutbox(outbox) : null;
    }

    /// <summary>About how large it is.</summary>
    public int Bytes => _facts.Length + _tags.Length;

    /// <exception cref="ArgumentException">The document's version is not one above the expected.</exception>
    public static CustomerRow Of(CustomerDocument document, long expectedVersion) => document.Version == expectedVersion + 1
        ? new CustomerRow(document, expectedVersion)
        : throw new ArgumentException($"A document that replaces version {expectedVersion} has the next one, not {document.Version}.", nameof(document));

    /// <returns>False if another version is stored than was expected; then nothing was done.</returns>
    public bool Save(Session session)
    {
        var isSaved = _expectedVersion == 0 ? Execute(session.Prepare(Insert)) : Execute(session.Prepare(UpdateSameRulebook), _expectedVersion) || Execute(session.Prepare(Update), _expectedVersion);
        if (!isSaved)
            return false;
        if (_outbox is not null)
            session.Prepare(PutOutbox).Execute(_document.Customer, _document.Outbox!.Revision, _outbox);
        else if (_expectedVersion > 0)
            session.Prepare(DeleteOutbox).Execute(_document.Customer);
        return true;
    }

    private bool Execute(Statement statement, params ReadOnlySpan<object?> condition) => 1 == statement.Execute([
        _document.Customer, _document.Version, _document.EvaluatedAt.ToUnixTimeMilliseconds(), _document.WakesAt?.ToUnixTimeMilliseconds(),
        _document.Tags.Rulebook, _tags, _applied, _facts, _unjournaled, _document.RulebookNumber, .. condition]);
}
