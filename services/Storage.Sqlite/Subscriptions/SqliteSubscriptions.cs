using TaggingPipeline.Processing.Subscriptions;
using TaggingPipeline.Storage.Sqlite.Database;

namespace TaggingPipeline.Storage.Sqlite.Subscriptions;

/// <summary>Subscriptions as rows; their logs as rows of several attempts each.</summary>
internal sealed class SqliteSubscriptions(SqliteDatabase database) : ISubscriptions
{
    private const string Insert = "INSERT INTO subscriptions (id, version, body) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING";
    private const string Update = "UPDATE subscriptions SET version = ?2, body = ?3 WHERE id = ?1 AND version = ?2 - 1";

    private const string Append = "INSERT INTO attempts (subscription, attempts, body) SELECT id, ?2, ?3 FROM subscriptions WHERE id = ?1";

    /// <summary>Rows go when those after them hold enough.</summary>
    private const string Trim = """
        DELETE FROM attempts WHERE subscription = ?1 AND number <= (
            SELECT number FROM (
                SELECT number, sum(attempts) OVER (ORDER BY number DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS after FROM attempts WHERE subscription = ?1)
            WHERE after >= ?2 ORDER BY number DESC LIMIT 1)
        """;

    public Task<IReadOnlyList<Subscription>> ListAsync(CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<Subscription>>(session =>
    {
        var found = new List<Subscription>();
        using var rows = session.Prepare("SELECT body FROM subscriptions ORDER BY id").Query();
        while (rows.Read())
            found.Add(SubscriptionJson.Read(rows.GetBytes(0)));
        return found;
    }, cancellationToken);

    public Task<Subscription?> FindAsync(string id, CancellationToken cancellationToken) => database.ReadAsync(session => Find(session, id), cancellationToken);

    public Task<bool> SaveAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        var body = SubscriptionJson.Write(subscription);
        return database.WriteAsync(
            session => (subscription.Version == 1 || Find(session, subscription.Id)?.Incarnation == subscription.Incarnation)
                && session.Prepare(subscription.Version == 1 ? Insert : Update).Execute(subscription.Id, subscription.Version, body) > 0,
            cancellationToken);
    }

    public Task<bool> RemoveAsync(string id, CancellationToken cancellationToken) => database.WriteAsync(session =>
    {
        session.Prepare("DELETE FROM attempts WHERE subscription = ?1").Execute(id);
        return session.Prepare("DELETE FROM subscriptions WHERE id = ?1").Execute(id) > 0;
    }, cancellationToken);

    public Task AppendAttemptsAsync(string id, IReadOnlyList<DeliveryAttempt> attempts, CancellationToken cancellationToken)
    {
        if (attempts.Count == 0)
            return Task.CompletedTask;
        var body = SubscriptionJson.Write(attempts);
        return database.WriteAsync(session =>
        {
            session.Prepare(Append).Execute(id, attempts.Count, body);
            return session.Prepare(Trim).Execute(id, ISubscriptions.AttemptsKept);
        }, cancellationToken);
    }

    public Task<IReadOnlyList<DeliveryAttempt>> ReadAttemptsAsync(string id, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<DeliveryAttempt>>(session =>
        {
            var found = new List<DeliveryAttempt>();
            using var rows = session.Prepare("SELECT body FROM attempts WHERE subscription = ?1 ORDER BY number DESC").Query(id);
            while (found.Count < ISubscriptions.AttemptsKept && rows.Read())
                found.AddRange(SubscriptionJson.ReadAttempts(rows.GetBytes(0)).Reverse());
            return [.. found.Take(ISubscriptions.AttemptsKept)];
        }, cancellationToken);

    private static Subscription? Find(Session session, string id)
    {
        using var rows = session.Prepare("SELECT body FROM subscriptions WHERE id = ?1").Query(id);
        return rows.Read() ? SubscriptionJson.Read(rows.GetBytes(0)) : null;
    }
}
