using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Pipeline.Specs.Brokers;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.ServiceDefaults.Stores;

namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>What a process does with its rulebook file when it starts.</summary>
[TestFixture, Category("Processes")]
public sealed class When_a_process_starts_with_a_rulebook_file
{
    private readonly TemporaryFolder _folder = new();
    private Dictionary<string, string?> _settings = null!;

    [SetUp]
    public void AnEmptyStore() => _settings = new() { ["Store"] = $"sqlite:{_folder[$"{Guid.NewGuid():n}.db"]}", ["Rulebook"] = _folder.Write("shop.yaml", Shop(60)) };

    [OneTimeTearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public async Task It_is_published_unless_a_version_ever_had_its_content()
    {
        await using (var first = HostProcess.Standalone(_settings))
        {
            await first.StartAsync();
            Assert.That(await first.InForceAsync(), Is.EqualTo((1, "file", "file")), "nothing was published yet");
            await first.PublishAsync(Shop(45), "anna");
            Assert.That(await first.InForceAsync(), Is.EqualTo((2, "anna", "api")));

            await first.Process.KillAsync();
            await first.StartAsync();
            Assert.That(await first.InForceAsync(), Is.EqualTo((2, "anna", "api")), "the file is older");
            Assert.That(first.Process.Output, Does.Contain("is version 1; version 2, which was published since, stays in force"));
        }

        _folder.Write("shop.yaml", Shop(30));
        await using (var second = HostProcess.Standalone(_settings))
        {
            await second.StartAsync();
            Assert.That(await second.InForceAsync(), Is.EqualTo((3, "file", "file")), "the file is new");
        }

        _folder.Write("shop.yaml", BrokenRulebook.Text);
        await using (var third = HostProcess.Standalone(_settings))
        {
            await third.StartAsync();
            Assert.That((await third.InForceAsync()).Number, Is.EqualTo(3), "a file with errors is refused");
            Assert.That(third.Process.Output, Does.Contain("was refused: errors").And.Contain("shop.yaml:"));
        }

        _settings["Rulebook"] = _folder["no-such.yaml"];
        await using (var fourth = HostProcess.Standalone(_settings))
        {
            await fourth.StartAsync();
            Assert.That((await fourth.InForceAsync()).Number, Is.EqualTo(3), "a file that is missing is told");
            Assert.That(fourth.Process.Output, Does.Contain("no-such.yaml could not be read"));
        }

        _settings.Remove("Rulebook");
        await using var fifth = HostProcess.Standalone(_settings);
        await fifth.StartAsync();
        Assert.That((await fifth.InForceAsync()).Number, Is.EqualTo(3), "it needs no file any longer");
    }

    [Test]
    public async Task A_pause_outlives_it()
    {
        await using var server = HostProcess.Standalone(_settings);
        await server.StartAsync();
        await server.PublishAsync(Shop(45), "anna");
        Assert.That(await PostAsync("pause"), Is.True);

        await server.Process.KillAsync();
        await server.StartAsync();
        Assert.That((await server.Client.GetFromJsonAsync<JsonElement>("/api/rulebook/rollover")).GetProperty("paused").GetBoolean(), Is.True);
        Assert.That(await PostAsync("resume"), Is.False);

        async Task<bool> PostAsync(string action)
        {
            using var response = await server.Client.PostAsync($"/api/rulebook/rollover/{action}", null);
            return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("paused").GetBoolean();
        }
    }

    [Test]
    public async Task Of_two_that_watch_it_one_publishes_a_change_and_both_have_every_version_in_force()
    {
        await using var one = HostProcess.Standalone(_settings);
        await using var other = HostProcess.Standalone(_settings);
        await Task.WhenAll(one.StartAsync(), other.StartAsync());
        Assert.That((await one.InForceAsync(), await other.InForceAsync()), Is.EqualTo(((1L, "file", "file"), (1L, "file", "file"))));

        _folder.Write("shop.yaml", Shop(45));
        await BothHaveAsync(2);

        await other.PublishAsync(Shop(30), "ben");
        await BothHaveAsync(3);
        await Tracking.SendAsync(one, new { userId = "ann", type = "page", name = "Home" });
        Assert.That((await one.InForceAsync(), await one.CountAsync()), Is.EqualTo(((3L, "ben", "api"), 3)), "the file, which nobody changed since, is not published again by whoever looked at it later");

        Task BothHaveAsync(long number) => Eventually.HoldsAsync(
            $"both have version {number}", TimeSpan.FromSeconds(20), async () => (await one.InForceAsync()).Number == number && (await other.InForceAsync()).Number == number);
    }

    private static string Shop(int days) => $"""
        rulebook: shop
        tags:
          - key: seen
            category: behaviour
            when: exists(browse, {days}d)
        """;
}

/// <summary>Promises 4 and 5 of changing a rule: the process is killed at random moments of publications and of their roll-overs, while events keep coming.</summary>
[TestFixture, Category("Processes")]
public sealed class When_the_server_is_killed_while_rulebooks_are_published
{
    private const int Customers = 2_000;

    /// <summary>3, or with <c>TAGGING_LONG=1</c> 30.</summary>
    private static readonly int KillCount = Kills.IsLong ? 30 : 3;

    /// <summary>Other thresholds: customers are only decided anew.</summary>
    public static readonly string SameMeasures = LoadRulebook.Text.Replace("sum(purchase.total) >= 2000", "sum(purchase.total) >= 200", StringComparison.Ordinal)
        .Replace("tag(value-tier) in (high, middle)", "tag(value-tier) = high", StringComparison.Ordinal);

    /// <summary>Measures that nobody kept: customers are made anew from the journal.</summary>
    private static readonly string OtherMeasures = LoadRulebook.Text.Replace("max(browse.price)", "min(browse.price, 40d)", StringComparison.Ordinal)
        .Replace("count(browse, 30d)", "count(browse, 10d)", StringComparison.Ordinal);

    [TestCase(false, false)]
    [TestCase(false, true)]
    [TestCase(true, false)]
    [TestCase(true, true)]
    public async Task The_state_is_that_of_an_undisturbed_run_under_what_is_in_force_in_the_end(bool needsTheJournal, bool endsWithARollback)
    {
        var published = needsTheJournal ? OtherMeasures : SameMeasures;
        using var folder = new TemporaryFolder();
        using var run = new LoadRun(customers: Customers, rulebook: endsWithARollback ? LoadRulebook.Text : published);
        var settings = run.Settings();
        settings["Rulebook"] = folder.Write("first.yaml", LoadRulebook.Text);
        await using var server = HostProcess.Standalone(settings);
        await server.StartAsync();
        await using var load = Load.Start(run.Events, server.Url, TimeSpan.FromMilliseconds(10));
        await Eventually.HoldsAsync("there are customers", TimeSpan.FromSeconds(90), () => Task.FromResult(load.Acknowledged >= 500));

        var random = new Random(Kills.Seed);
        TestContext.Out.WriteLine($"Seed {Kills.Seed}, {KillCount} kills");
        var inTheMiddle = 0;
        for (var kill = 0; kill < KillCount; kill++)
        {
            var publication = PublishUnlessKilledAsync(server, kill % 2 == 0 ? published : LoadRulebook.Text);
            await Task.Delay(random.Next(0, 1_000));
            await server.Process.KillAsync();
            await publication;
            inTheMiddle += await IsInTheMiddleAsync(settings["Store"]!) ? 1 : 0;
            await server.StartAsync();
        }

        await server.PublishAsync(published, "anna");
        if (endsWithARollback)
        {
            await Task.Delay(random.Next(0, 300));
            await server.RollBackAsync(1);
        }

        await Eventually.HoldsAsync("all are through", TimeSpan.FromSeconds(120), async () => await server.LeftAsync() == 0);
        var acknowledged = await load.StopAsync();
        TestContext.Out.WriteLine($"{await server.CountAsync()} versions; {inTheMiddle} kills were in the middle of a roll-over");
        await run.AssertPromisesAsync(acknowledged);
        Assert.That(await server.LeftAsync(), Is.Zero);
        if (Kills.IsLong)
            Assert.That(inTheMiddle, Is.GreaterThan(0), "no kill was in the middle of a roll-over");
    }

    /// <summary>Whether some customers are under the latest version, and some are not.</summary>
    private static async Task<bool> IsInTheMiddleAsync(string store)
    {
        await using var services = new ServiceCollection().AddLogging().AddStore(StoreAddress.Parse(store)).BuildServiceProvider();
        var latest = (await services.GetRequiredService<IRulebookVersions>().ListAsync(null, 1, CancellationToken.None)).Single();
        var documents = services.GetRequiredService<ICustomerDocuments>();
        var left = await documents.CountNotDecidedByAsync(latest.Version, CancellationToken.None);
        return left > 0 && left < await documents.CountAsync(CancellationToken.None);
    }

    private static async Task PublishUnlessKilledAsync(HostProcess server, string rulebook)
    {
        try
        {
            await server.PublishAsync(rulebook, "anna");
        }
        catch (HttpRequestException)
        {
            // killed: it is published or it is not
        }
    }
}

[TestFixture, Category("Processes"), Category("RabbitMq")]
public sealed class When_a_rulebook_is_published_to_several_evaluators
{
    [TestCaseSource(typeof(TestedStores), nameof(TestedStores.All))]
    public async Task All_customers_end_under_it_while_events_keep_coming(string store)
    {
        using var folder = new TemporaryFolder();
        using var run = new LoadRun(store, customers: 300, rulebook: When_the_server_is_killed_while_rulebooks_are_published.SameMeasures);
        var broker = await SharedBroker.GetAsync();
        var settings = run.Settings(await broker.CreateVirtualHostAsync($"published-{store}"));
        settings["Rulebook"] = folder.Write("first.yaml", LoadRulebook.Text);
        await using var services = await DistributedServices.StartAsync(settings, evaluators: 2);
        await services.Evaluators.HaveDividedAllAsync();

        await using var load = Load.Start(run.Events, services.Ingestion.Url, TimeSpan.FromMilliseconds(20));
        await Eventually.HoldsAsync("there are customers", TimeSpan.FromSeconds(60), () => Task.FromResult(load.Acknowledged >= 200));
        await services.Projection.PublishAsync(When_the_server_is_killed_while_rulebooks_are_published.SameMeasures, "anna");
        await Eventually.HoldsAsync("all are through", TimeSpan.FromSeconds(60), async () => await services.Projection.LeftAsync() == 0);
        var acknowledged = await load.StopAsync();
        await run.AssertPromisesAsync(acknowledged);

        var rolledOver = await services.Evaluators.CountsAsync("rolled_over");
        TestContext.Out.WriteLine($"Brought over {string.Join(" and ", rolledOver)} customers to whom nothing happened");
        Assert.That(rolledOver.Sum(), Is.GreaterThan(0));
        Assert.That(await services.Projection.InForceAsync(), Is.EqualTo((2, "anna", "api")));
        Assert.That(services.Evaluators.Select(evaluator => evaluator.Process.Output), Is.All.Contain("version 2, came into force instead of"));
    }
}

/// <summary>What these specs ask of a server.</summary>
internal static class PublishingServer
{
    public static async Task PublishAsync(this HostProcess server, string rulebook, string author)
    {
        using var response = await server.Client.PutAsJsonAsync("/api/rulebook?confirmed=true", new { content = rulebook, author });
        Assert.That((int)response.StatusCode, Is.EqualTo(200), await response.Content.ReadAsStringAsync());
    }

    public static async Task RollBackAsync(this HostProcess server, long version)
    {
        using var response = await server.Client.PostAsJsonAsync("/api/rulebook/rollback", new { version });
        Assert.That((int)response.StatusCode, Is.EqualTo(200), await response.Content.ReadAsStringAsync());
    }

    public static async Task<(long Number, string Author, string Source)> InForceAsync(this HostProcess server)
    {
        var rulebook = await server.Client.GetFromJsonAsync<JsonElement>("/api/rulebook");
        return (rulebook.GetProperty("number").GetInt64(), rulebook.GetProperty("author").GetString()!, rulebook.GetProperty("source").GetString()!);
    }

    public static async Task<int> CountAsync(this HostProcess server) =>
        (await server.Client.GetFromJsonAsync<JsonElement>("/api/rulebook/versions")).GetProperty("items").GetArrayLength();

    /// <summary>How many customers are still to come under the version in force, with their tags or their segments.</summary>
    public static async Task<long> LeftAsync(this HostProcess server)
    {
        var rollover = await server.Client.GetFromJsonAsync<JsonElement>("/api/rulebook/rollover");
        return rollover.GetProperty("customers").GetProperty("left").GetInt64() + rollover.GetProperty("segments").GetProperty("left").GetInt64();
    }
}
