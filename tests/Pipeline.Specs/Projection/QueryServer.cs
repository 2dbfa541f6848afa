using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Pipeline.Specs.Doubles;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rejections;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Projection;
using TaggingPipeline.Projection.Queries;
using TaggingPipeline.ServiceDefaults.Bus;
using TaggingPipeline.ServiceDefaults.Settings;
using TaggingPipeline.Storage.Sqlite;

namespace TaggingPipeline.Pipeline.Specs.Projection;

/// <summary>The queries over HTTP on a loopback port, on a store of their own.</summary>
internal sealed class QueryServer : IAsyncDisposable
{
    public const string Key = "a-key";

    private readonly DirectoryInfo _folder;
    private readonly WebApplication _app;

    private QueryServer(DirectoryInfo folder, WebApplication app, HurriedClock clock)
    {
        _folder = folder;
        _app = app;
        Clock = clock;
        Client = new() { BaseAddress = new(app.Urls.Single()) };
        Client.DefaultRequestHeaders.Authorization = new("Bearer", Key);
    }

    /// <summary>Sends the key.</summary>
    public HttpClient Client { get; }

    public HurriedClock Clock { get; }

    /// <summary>The file of the store, for another process to open.</summary>
    public string StorePath => StorePathIn(_folder);

    public IServiceProvider Services => _app.Services;

    public static async Task<QueryServer> StartAsync(Rulebook rulebook, Action<IServiceCollection>? configure = null)
    {
        var folder = Directory.CreateTempSubdirectory("tagging-queries-");
        var clock = new HurriedClock(ToldCustomer.Start);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(Options.Create(new TaggingSettings { ApiKeys = $"another-key, {Key}" }));
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddSingleton(provider =>
        {
            var current = new CurrentRulebook(provider.GetRequiredService<IRulebookVersions>());
            current.Replace(rulebook);
            return current;
        });
        builder.Services.AddSqliteStorage(StorePathIn(folder));
        builder.Services.AddSingleton(EventQueues.One);
        builder.Services.AddSingleton<ISafeSender>(provider => Sender.Of(provider));
        configure?.Invoke(builder.Services);
        builder.Services.AddProjection();
        var app = builder.Build();
        app.MapQueries();
        await app.StartAsync();
        return new(folder, app, clock);
    }

    /// <summary>Commits a customer's events as evaluation would, decided as of the clock.</summary>
    public async Task CommitAsync(params ShopEvent[] events)
    {
        var rulebook = Services.GetRequiredService<CurrentRulebook>().Value;
        var asOf = Instant.FromDateTimeOffset(Clock.Now);
        var facts = events.Aggregate(CustomerFacts.Of(rulebook), (known, next) => Tagging.Observe(known, EventMapping.ToDomain(next), rulebook, asOf));
        var settled = Tagging.Settle(facts, rulebook, asOf);
        var decision = Tagging.Decide(settled, TagSet.Empty, rulebook, asOf, ChangeCause.Event);
        var document = new CustomerDocument
        {
            Customer = events[0].CustomerId,
            Version = 1,
            EvaluatedAt = asOf,
            WakesAt = decision.ChangesAt,
            Facts = StoredFacts.Of(settled),
            Tags = decision.Tags,
            RulebookNumber = rulebook.Number,
            Applied = [],
        };
        var results = await Services.GetRequiredService<ICustomerDocuments>().CommitAsync(
            [new(document.Customer, document, 0, [.. events.Select(EventMapping.ToJournal)])], CancellationToken.None);
        Assert.That(results.Single().Saved);
    }

    public async Task ProjectAsync(params TagsChanged[] messages)
    {
        var outcomes = await Services.GetRequiredService<TagChangeProjector>().ProjectAsync(messages, CancellationToken.None);
        Assert.That(outcomes, Has.All.EqualTo(ProjectionOutcome.Stored));
    }

    public Task RejectAsync(params RejectedEvent[] events) =>
        Services.GetRequiredService<IRejectedEvents>().AddAsync(events, CancellationToken.None);

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That((int)response.StatusCode, Is.EqualTo(200), text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>The problem details of a request that is not answered.</summary>
    public async Task<(int Status, string? Parameter, string Detail)> GetProblemAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(problem.GetProperty("status").GetInt32(), Is.EqualTo((int)response.StatusCode));
        return ((int)response.StatusCode, problem.TryGetProperty("parameter", out var parameter) ? parameter.GetString() : null,
            problem.GetProperty("detail").GetString()!);
    }

    /// <summary>Every item of a list, read page by page.</summary>
    public async Task<List<JsonElement>> GetAllAsync(string path, int limit)
    {
        var items = new List<JsonElement>();
        for (string? next = null; ;)
        {
            var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
            var page = await GetAsync($"{path}{separator}limit={limit}{(next is null ? "" : $"&after={Uri.EscapeDataString(next)}")}");
            Assert.That(page.GetProperty("items").GetArrayLength(), Is.LessThanOrEqualTo(limit));
            items.AddRange(page.GetProperty("items").EnumerateArray());
            next = page.GetProperty("next").GetString();
            if (next is null)
                return items;
        }
    }

    public Task<(string Text, HttpResponseHeaders Headers)> GetCsvAsync(string path) => GetAsync(path, "text/csv");

    public async Task<(string Text, HttpResponseHeaders Headers)> GetAsync(string path, string mediaType)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd(mediaType);
        using var response = await Client.SendAsync(request);
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo(mediaType));
        return (await response.Content.ReadAsStringAsync(), response.Headers);
    }

    private static string StorePathIn(DirectoryInfo folder) => Path.Combine(folder.FullName, "store.db");

    /// <summary>Evaluation without a bus: what is sent is committed, or fails for as long as it shall.</summary>
    public sealed class Sender(EventCommitter committer, CurrentRulebook rulebook) : ISafeSender
    {
        public Exception? Failure { get; set; }

        public List<ShopEvent> Sent { get; } = [];

        public static Sender Of(IServiceProvider provider)
        {
            var (documents, journal, clock) = (provider.GetRequiredService<ICustomerDocuments>(), provider.GetRequiredService<IJournal>(), provider.GetRequiredService<TimeProvider>());
            return new(
                new(documents, journal, provider.GetRequiredService<IRejectedEvents>(), new(documents, journal, clock), clock), provider.GetRequiredService<CurrentRulebook>());
        }

        public async Task SendAsync<T>(string queue, T message, CancellationToken cancellationToken)
            where T : class
        {
            if (Failure is not null)
                throw Failure;
            var events = ((EventBatch)(object)message).Events;
            Sent.AddRange(events);
            var committed = await committer.CommitAsync(events, rulebook, cancellationToken);
            Assert.That(committed.Rejected, Is.Zero);
        }
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
