using TaggingPipeline.CommandLine.Import;
using TaggingPipeline.Pipeline.Specs.Brokers;
using TaggingPipeline.Pipeline.Specs.CommandLine;

namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>Two evaluators, one ingestion and one projection give the same as one process, on real purchases and a clock that stands still.</summary>
[TestFixture, Category("Processes"), Category("RabbitMq")]
public sealed class When_real_purchases_are_imported_into_several_services
{
    private const string Data = "cdnow/CDNOW_sample.txt";
    private const string AsOf = "1997-09-30T23:59:59.999Z";
    private const int Events = 6919;

    /// <summary>The file is imported in as many parts, so that there is time for kills.</summary>
    private const int Parts = 10;

    private static readonly TimeSpan SettledWithin = TimeSpan.FromSeconds(120);

    private readonly TemporaryFolder _folder = new();
    private readonly CommandRun _run = new() { Retries = RetrySchedule.Usual };

    [OneTimeTearDown]
    public void Clear()
    {
        _run.Dispose();
        _folder.Dispose();
    }

    [TestCaseSource(typeof(TestedStores), nameof(TestedStores.All))]
    public async Task Every_customer_has_the_tags_of_the_embedded_run(string store)
    {
        var address = TestedStores.NewAddress(store, _folder);
        await using var services = await StartAsync(address, $"import-{store}");

        await ImportAsync(RealData.Path(Data), services.Ingestion);

        await AssertSameAsEmbeddedAsync(address);
    }

    [TestCaseSource(typeof(TestedStores), nameof(TestedStores.All))]
    public async Task Killing_an_evaluator_every_two_seconds_changes_nothing(string store)
    {
        var address = TestedStores.NewAddress(store, _folder);
        await using var services = await StartAsync(address, $"import-killed-{store}");
        using var imported = new CancellationTokenSource();

        var kills = KillInTurnAsync(services.Evaluators, imported.Token);
        foreach (var part in PartsOf(RealData.Path(Data)))
        {
            await ImportAsync(part, services.Ingestion);
            await Task.Delay(TimeSpan.FromSeconds(1));
        }

        await imported.CancelAsync();
        TestContext.Out.WriteLine($"{await kills} kills");
        Assert.That(await kills, Is.GreaterThan(1));
        await AssertSameAsEmbeddedAsync(address);
    }

    private static async Task<DistributedServices> StartAsync(string address, string virtualHost)
    {
        var broker = await SharedBroker.GetAsync();
        return await DistributedServices.StartAsync(Settings(address, await broker.CreateVirtualHostAsync(virtualHost)), evaluators: 2);
    }

    private static Dictionary<string, string?> Settings(string store, string bus) => new()
    {
        ["Store"] = store,
        ["Bus"] = bus,
        ["Rulebook"] = RealData.Example("cdnow.yaml"),
        ["AsOf"] = AsOf,
    };

    /// <returns>How many kills there were.</returns>
    private static async Task<int> KillInTurnAsync(IReadOnlyList<HostProcess> evaluators, CancellationToken until)
    {
        for (var kill = 0; ; kill++)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), until).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (until.IsCancellationRequested)
                return kill;
            var evaluator = evaluators[kill % evaluators.Count];
            await evaluator.Process.KillAsync();
            await evaluator.BeginAsync();
        }
    }

    /// <summary>Cut between customers, because an event that has no id gets one by what its customer's other events are.</summary>
    private List<string> PartsOf(string file)
    {
        var customers = File.ReadLines(file).GroupBy(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]).ToList();
        var parts = customers.Chunk((customers.Count / Parts) + 1);
        return [.. parts.Select((some, part) => _folder.Write($"part-{part}.txt", string.Join('\n', some.SelectMany(lines => lines)) + '\n'))];
    }

    private async Task ImportAsync(string file, HostProcess host)
    {
        var ending = await _run.RunAsync("import", file, "--map", RealData.Example("cdnow.map.yaml"), "--url", host.Url);
        Assert.That(ending.ExitCode, Is.Zero, ending.Error);
    }

    private async Task AssertSameAsEmbeddedAsync(string address)
    {
        var distributed = await StoreContents.SettledAsync(address, Events, SettledWithin);
        var embedded = TestedStores.NewAddress(TestedStores.Sqlite, _folder);
        await using var server = HostProcess.Standalone(Settings(embedded, "memory"));
        await server.StartAsync();
        await ImportAsync(RealData.Path(Data), server);
        var undisturbed = await StoreContents.SettledAsync(embedded, Events, SettledWithin);

        Assert.That(distributed.Journal, Has.Count.EqualTo(Events));
        Promises.EveryChangeIsNumbered(distributed);
        Promises.StateIsThatOf(undisturbed, distributed);
        Assert.That(TagsOf(distributed), Is.EqualTo(TagsOf(undisturbed)), "as projection tells them");
    }

    private static IReadOnlyList<string> TagsOf(StoreContents contents) =>
        [.. contents.Views.OrderBy(view => view.Customer, StringComparer.Ordinal).Select(view => $"{view.Customer}: {string.Join(", ", view.Tags.Select(tag => $"{tag.Key} = {tag.Value}"))}")];
}
