using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.ServiceDefaults.Stores;

namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>What a customer document says of the customer's state, apart from its history.</summary>
public sealed record CustomerState(string Facts, string Tags, Instant? WakesAt);

/// <summary>What a store holds, read through the ports.</summary>
public sealed record StoreContents(
    IReadOnlyList<EventKey> Journal, IReadOnlyList<CustomerDocument> Documents, IReadOnlyList<CustomerView> Views, IReadOnlyList<ChangeEnvelope> Feed)
{
    private const int PageSize = 500;

    /// <summary>The state of each customer, by id.</summary>
    public IReadOnlyDictionary<string, CustomerState> States => Documents.ToDictionary(
        document => document.Customer,
        document => new CustomerState(
            Convert.ToHexString(document.Facts.Bytes), string.Join("; ", document.Tags.States.Select(tag => $"{tag.Key}={tag.Value}")), document.WakesAt));

    /// <summary>Reads when that many events are journaled and projection has seen everything that rule evaluation has to tell.</summary>
    /// <param name="store">As the setting <c>Store</c> names it.</param>
    public static async Task<StoreContents> SettledAsync(string store, int events, TimeSpan within)
    {
        await using var services = new ServiceCollection().AddLogging().AddStore(StoreAddress.Parse(store)).BuildServiceProvider();
        foreach (var prepared in services.GetServices<IHostedService>())
            await prepared.StartAsync(CancellationToken.None);
        var journal = services.GetRequiredService<IJournal>();
        var documents = services.GetRequiredService<ICustomerDocuments>();
        var progress = "";
        return await Eventually.GivesAsync(() => $"{events} events are journaled and everything is told ({progress})", within, async () =>
        {
            var journaled = await journal.CountAsync(CancellationToken.None);
            var untold = await documents.WithOutboxAsync(after: null, limit: 100, CancellationToken.None);
            progress = $"{journaled} journaled, {untold.Count} customers to tell of";
            if (journaled < events || untold.Count > 0)
                return null;
            var contents = await ReadAsync(services);
            var behind = contents.CustomersBehind.Count();
            progress += $", {behind} views behind";
            return behind == 0 ? contents : null;
        });
    }

    /// <summary>Customers of whom projection has not seen everything.</summary>
    private IEnumerable<string> CustomersBehind =>
        from document in Documents
        join view in Views on document.Customer equals view.Customer into views
        where views.All(view => view.TagSequence != document.Tags.Sequence)
        select document.Customer;

    private static async Task<StoreContents> ReadAsync(IServiceProvider services)
    {
        var customers = await AllAsync<string, string?>(null, customer => customer, after => services.GetRequiredService<IJournal>().CustomersAsync(after, PageSize, CancellationToken.None));
        var journal = new List<EventKey>();
        await foreach (var journaled in services.GetRequiredService<IJournal>().ReadManyAsync(customers, CancellationToken.None))
            journal.Add(journaled.Key);

        var documents = await AllAsync<CustomerDocument, string?>(
            null, document => document.Customer, after => services.GetRequiredService<ICustomerDocuments>().ScanAsync(after, PageSize, CancellationToken.None));
        var views = await services.GetRequiredService<ICustomerViews>().LoadAsync([.. documents.Select(document => document.Customer)], CancellationToken.None);
        var feed = await AllAsync(0L, entry => entry.Position, after => services.GetRequiredService<IChangeFeed>().ReadAsync(after, PageSize, CancellationToken.None));
        return new(journal, documents, views, [.. feed.Select(entry => JsonSerializer.Deserialize<ChangeEnvelope>(entry.Body.Span, ContractsJson.Options)!)]);
    }

    private static async Task<List<T>> AllAsync<T, TCursor>(TCursor first, Func<T, TCursor> cursor, Func<TCursor, Task<IReadOnlyList<T>>> readAfter)
    {
        var all = new List<T>();
        while (await readAfter(all.Count == 0 ? first : cursor(all[^1])) is { Count: > 0 } page)
            all.AddRange(page);
        return all;
    }
}
