using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Doubles;
using TaggingPipeline.Pipeline.Specs.Processes;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Projection;
using TaggingPipeline.Projection.Queries;
using TaggingPipeline.RuleEvaluation;
using TaggingPipeline.ServiceDefaults.Bus;
using TaggingPipeline.ServiceDefaults.Populations;
using TaggingPipeline.ServiceDefaults.Settings;
using TaggingPipeline.Storage.Sqlite;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

/// <summary>Evaluation and projection in one process on a SQLite file, as hosts compose them, on a clock that the test moves.</summary>
[TestFixture]
public sealed class When_a_pipeline_scores_customers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HurriedClock _clock = new(SmallShop.Noon.ToDateTimeOffset());
    private TemporaryFolder _folder = null!;
    private WebApplication _app = null!;
    private HttpClient _client = null!;

    [SetUp]
    public void A_folder() => _folder = new();

    [TearDown]
    public async Task Stop()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Scores_come_with_a_snapshot_outlive_a_restart_and_change_with_the_next_snapshot()
    {
        await StartAsync();
        Assert.That((await GetAsync("population")).GetProperty("snapshot").ValueKind, Is.EqualTo(JsonValueKind.Null));
        using var tooEarly = await _client.PostAsync("/api/population", null);
        Assert.That((int)tooEarly.StatusCode, Is.EqualTo(409));
        await SendAsync([.. Enumerable.Range(1, 5).Select(number => SmallShop.Purchase("a", $"c{number}", number * 10, SmallShop.Noon))]);

        // The first snapshot.
        await IsAsync("c1", rank: 1, snapshot: 1);
        await IsAsync("c5", rank: 5, snapshot: 1);
        var population = await GetAsync("population");
        var argument = population.GetProperty("snapshot").GetProperty("arguments")[0];
        Assert.That((population.GetProperty("every").GetString(), population.GetProperty("nextAt").GetString()), Is.EqualTo(("1d", "2024-05-02T00:00:00Z")));
        Assert.That(population.GetProperty("scored")[0].GetString(), Is.EqualTo("sum(purchase.total)"));
        Assert.That(population.GetProperty("snapshot").GetProperty("takenAt").GetString(), Is.EqualTo("2024-05-01T12:00:00Z"));
        Assert.That(argument.GetProperty("customers").GetInt64(), Is.EqualTo(5));
        Assert.That(argument.GetProperty("quintiles").EnumerateArray().Select(cut => cut.GetDecimal()), Is.EqualTo([18m, 26m, 34m, 42m]));
        Assert.That(argument.GetProperty("percentiles").GetArrayLength(), Is.EqualTo(99));
        await AreBestAsync("c5");

        // The same after a restart: nobody is decided without it.
        var changes = await ChangesAsync("c5");
        await StopAsync();
        await StartAsync();
        await SendAsync(SmallShop.Purchase("b", "c1", 1_000, SmallShop.Noon));
        await IsAsync("c1", rank: 5, snapshot: 1);
        Assert.That(await ChangesAsync("c5"), Is.EqualTo(changes));
        await AreBestAsync("c1", "c5");

        // Another one, at midnight.
        _clock.Now = Instant.FromUtc(2024, 5, 2, 0, 0).ToDateTimeOffset();
        await IsAsync("c5", rank: 4, snapshot: 2);
        await IsAsync("c1", rank: 5, snapshot: 2);
        await AreBestAsync("c1");
        Assert.That((await ChangesAsync("c5")).Skip(changes.Count), Is.EqualTo(new[] { ("tag.changed", "rank", "time"), ("segment.exited", "best", "time") }));
        var first = await GetAsync("population/1");
        Assert.That(first.GetRawText(), Is.EqualTo(population.GetProperty("snapshot").GetRawText()), "the first is as it was recorded");
        using var unknown = await _client.GetAsync("/api/population/3");
        Assert.That((int)unknown.StatusCode, Is.EqualTo(404));

        // And whenever somebody asks.
        await SendAsync(SmallShop.Purchase("c", "c4", 5_000, SmallShop.Noon));
        using var asked = await _client.PostAsync("/api/population", null);
        Assert.That((int)asked.StatusCode, Is.EqualTo(200));
        await IsAsync("c1", rank: 4, snapshot: 3);
    }

    private async Task StartAsync()
    {
        var settings = new TaggingSettings();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services
            .AddSingleton(Options.Create(settings))
            .AddSingleton<TimeProvider>(_clock)
            .AddSqliteStorage(_folder["store.db"])
            .AddSingleton(new CurrentRulebook(ScoredShop.Rulebook))
            .AddHostedService<PopulationFollower>()
            .AddTaggingBus(new BusAddress.Memory(), bus =>
            {
                bus.AddRuleEvaluation();
                bus.AddProjectionConsumers();
            })
            .AddRuleEvaluation()
            .AddProjection();
        _app = builder.Build();
        _app.MapQueries();
        await _app.StartAsync();
        _client = new() { BaseAddress = new(_app.Urls.Single()) };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TaggingSettings.DevelopmentApiKey);
    }

    private async Task StopAsync()
    {
        _client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private Task SendAsync(params ShopEvent[] events) =>
        _app.Services.GetRequiredService<ISafeSender>().SendAsync(QueueNames.Events, new EventBatch { Events = events }, CancellationToken.None);

    private async Task<JsonElement> GetAsync(string path)
    {
        using var response = await _client.GetAsync($"/api/{path}");
        return JsonSerializer.Deserialize<JsonElement>(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
    }

    private Task IsAsync(string customer, int rank, int snapshot) => Eventually.HoldsAsync($"{customer} has rank {rank} by snapshot {snapshot}", Patience, async () =>
    {
        var read = await GetAsync($"customers/{customer}");
        return read.GetProperty("rulebook").GetString() == $"{ScoredShop.Rulebook.Version}/p{snapshot}"
            && read.GetProperty("tags").EnumerateArray().Any(tag => tag.GetProperty("key").GetString() == "rank" && tag.GetProperty("value").GetInt32() == rank);
    });

    private Task AreBestAsync(params string[] customers) => Eventually.HoldsAsync($"{string.Join(", ", customers)} are the best", Patience, async () =>
        (await GetAsync("segments/best/members")).GetProperty("items").EnumerateArray().Select(member => member.GetProperty("customer").GetString()).SequenceEqual(customers));

    private async Task<List<(string? Type, string? Key, string? Cause)>> ChangesAsync(string customer) =>
    [
        .. (await GetAsync($"customers/{customer}/changes")).GetProperty("items").EnumerateArray().Select(change => (
            change.GetProperty("type").GetString(), change.GetProperty("data").GetProperty("key").GetString(), change.GetProperty("cause").GetString())),
    ];
}
