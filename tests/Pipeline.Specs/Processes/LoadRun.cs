namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>Settings and oracle of the runs in which something is killed while a shop keeps sending.</summary>
/// <remarks>The clock of these runs stands still, so that only the events decide what the state is.</remarks>
public sealed class LoadRun : IDisposable
{
    private static readonly TimeSpan SettledWithin = TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder _folder = new();
    private readonly string _rulebook;
    private readonly string _disturbed;

    /// <param name="store">One of <see cref="TestedStores"/>.</param>
    /// <param name="rulebook">What is in force in the end, and in the undisturbed run from the beginning.</param>
    public LoadRun(string store = TestedStores.Sqlite, int customers = 150, string rulebook = LoadRulebook.Text)
    {
        _rulebook = _folder.Write("load.yaml", rulebook);
        _disturbed = TestedStores.NewAddress(store, _folder);
        Events = new(Kills.Seed, customers);
    }

    public ShopEvents Events { get; }

    public Dictionary<string, string?> Settings(string bus = "memory") => Settings(_disturbed, bus);

    /// <summary>Asserts what must be true after all that was done to the hosts with these settings.</summary>
    public async Task AssertPromisesAsync(IReadOnlyList<int> acknowledged)
    {
        var events = acknowledged.SelectMany(Events.KeysOf).Distinct().Count();
        TestContext.Out.WriteLine($"{acknowledged.Count} batches with {events} events were acknowledged");
        var disturbed = await StoreContents.SettledAsync(_disturbed, events, SettledWithin);
        Promises.NothingAcknowledgedIsLost(disturbed, Events, acknowledged);
        Promises.EveryChangeIsNumbered(disturbed);
        Promises.StateIsThatOf(await UndisturbedAsync(acknowledged, events), disturbed);
    }

    public void Dispose() => _folder.Dispose();

    // The same events through a server to which nothing happens.
    private async Task<StoreContents> UndisturbedAsync(IReadOnlyList<int> batches, int events)
    {
        var undisturbed = TestedStores.NewAddress(TestedStores.Sqlite, _folder);
        await using var server = HostProcess.Standalone(Settings(undisturbed, "memory"));
        await server.StartAsync();
        await Load.SendAllAsync(Events, batches, server.Url);
        return await StoreContents.SettledAsync(undisturbed, events, SettledWithin);
    }

    private Dictionary<string, string?> Settings(string store, string bus) => new()
    {
        ["Store"] = store,
        ["Bus"] = bus,
        ["Rulebook"] = _rulebook,
        ["AsOf"] = $"{ShopEvents.AsOf:yyyy-MM-ddTHH:mm:ssZ}",
    };
}
