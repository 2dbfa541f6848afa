using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Storage.Sqlite;

namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>What a customer document says of the customer's state, apart from its history.</summary>
public sealed record CustomerState(string Facts, string Tags, Instant? WakesAt);

/// <summary>What a SQLite store holds, read through the ports.</summary>
public sealed record StoreContents(
    IReadOnlyList<EventKey> Journal, IReadOnlyList<CustomerDocument> Documents, IReadOnlyList<CustomerView> Views, IReadOnlyList<ChangeEnvelope> Feed)
{
    private const int PageSize = 500;

    /// <summary>The state of each customer, by id.</summary>
    public IReadOnlyDictionary<string, CustomerState> States => Documents.ToDictionary(
        document => document.Customer,
        document => new CustomerState(
            Convert.ToHexString(document.Facts), string.Join("; ", document.Tags.States.Select(tag => $"{tag.Key}={tag.Value}")), document.WakesAt));

    /// <summary>Projection has seen everything that rule evaluation has to tell.</summary>
    public bool IsSettled => Documents.All(document => document.Outbox is null)
        && Documents.ToDictionary(document => document.Customer, document => document.Tags.Sequence)
            .OrderBy(of => of.Key, StringComparer.Ordinal)
            .SequenceEqual(Views.ToDictionary(view => view.Customer, view => view.TagSequence).OrderBy(of => of.Key, StringComparer.Ordinal));

    public static async Task<StoreContents> ReadAsync(string path)
    {
        await using var services = new ServiceCollection().AddSqliteStorage(path).BuildServiceProvider();
        var journal = new List<EventKey>();
        await foreach (var journaled in services.GetRequiredService<IJournal>().ReadPartAsync(0, 1, CancellationToken.None))
            journal.Add(journaled.Key);

        var documents = await AllAsync<CustomerDocument, string?>(
            null, document => document.Customer, after => services.GetRequiredService<ICustomerDocuments>().ScanAsync(after, PageSize, CancellationToken.None));
        var views = await services.GetRequiredService<ICustomerViews>().LoadAsync([.. documents.Select(document => document.Customer)], CancellationToken.None);
        var feed = await AllAsync(0L, entry => entry.Position, after => services.GetRequiredService<IChangeFeed>().ReadAsync(after, PageSize, CancellationToken.None));
        return new(journal, documents, views, [.. feed.Select(entry => JsonSerializer.Deserialize<ChangeEnvelope>(entry.Body.Span, ContractsJson.Options)!)]);
    }

    /// <summary>Reads until everything has been told, and returns that.</summary>
    public static Task<StoreContents> SettledAsync(string path, int events, TimeSpan within) => Eventually.GivesAsync(
        $"{events} events are journaled and everything is told",
        within,
        async () => await ReadAsync(path) is { IsSettled: true } contents && contents.Journal.Count >= events ? contents : null);

    private static async Task<List<T>> AllAsync<T, TCursor>(TCursor first, Func<T, TCursor> cursor, Func<TCursor, Task<IReadOnlyList<T>>> readAfter)
    {
        var all = new List<T>();
        while (await readAfter(all.Count == 0 ? first : cursor(all[^1])) is { Count: > 0 } page)
            all.AddRange(page);
        return all;
    }
}
