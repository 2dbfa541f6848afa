using TaggingPipeline.Pipeline.Specs.Brokers;

namespace TaggingPipeline.Pipeline.Specs.Processes;

[TestFixture, Category("Processes"), Category("RabbitMq")]
public sealed class When_a_service_is_killed_under_load
{
    // The evaluator has the most to lose; the long run kills the others too.
    private static IEnumerable<string> Services => Kills.IsLong ? ["RuleEvaluation", "Ingestion", "Projection"] : ["RuleEvaluation"];

    [TestCaseSource(nameof(Services))]
    public async Task Promises_1_2_and_3_nothing_acknowledged_is_lost_and_the_state_is_that_of_an_undisturbed_run(string service)
    {
        using var run = new LoadRun();
        var broker = await SharedBroker.GetAsync();
        await using var services = await DistributedServices.StartAsync(run.Settings(await broker.CreateVirtualHostAsync($"{service}-killed")));

        await using var load = Load.Start(run.Events, services.Ingestion.Url, TimeSpan.FromMilliseconds(100));
        await Kills.RepeatAsync([services[service]], Kills.Count);

        await run.AssertPromisesAsync(await load.StopAsync());
    }
}

[TestFixture, Category("Processes"), Category("RabbitMq")]
public sealed class When_any_of_several_services_is_killed_under_load
{
    [TestCaseSource(typeof(TestedStores), nameof(TestedStores.All))]
    public async Task Promises_1_2_and_3_nothing_acknowledged_is_lost_and_the_state_is_that_of_an_undisturbed_run(string store)
    {
        using var run = new LoadRun(store);
        var broker = await SharedBroker.GetAsync();
        await using var services = await DistributedServices.StartAsync(run.Settings(await broker.CreateVirtualHostAsync($"any-killed-{store}")), evaluators: 2);

        await using var load = Load.Start(run.Events, services.Ingestion.Url, TimeSpan.FromMilliseconds(100));
        await Kills.RepeatAsync(services.All, Kills.Count);

        await run.AssertPromisesAsync(await load.StopAsync());
    }
}

[TestFixture, Category("Processes"), Category("RabbitMq")]
public sealed class When_the_broker_goes_down_under_load
{
    [Test]
    public async Task Promises_1_2_and_3_nothing_acknowledged_is_lost_and_the_state_is_that_of_an_undisturbed_run()
    {
        using var run = new LoadRun();
        await using var broker = await RabbitMqServer.StartNewAsync();
        await using var services = await DistributedServices.StartAsync(run.Settings(await broker.CreateVirtualHostAsync("broker-down")));
        await using var load = Load.Start(run.Events, services.Ingestion.Url, TimeSpan.FromMilliseconds(100));

        await GoesOnAsync(load);
        await broker.StopAsync();
        await broker.StartAsync();
        await GoesOnAsync(load);
        await broker.KillAsync();
        await broker.StartAsync();
        await GoesOnAsync(load);

        await run.AssertPromisesAsync(await load.StopAsync());
    }

    private static async Task GoesOnAsync(Load load)
    {
        var before = load.Acknowledged;
        await Eventually.HoldsAsync("batches are acknowledged again", TimeSpan.FromSeconds(60), () => Task.FromResult(load.Acknowledged > before + 40));
    }
}

[TestFixture, Category("Processes"), Category("RabbitMq")]
public sealed class When_no_evaluator_has_ever_run
{
    [Test]
    public async Task Promise_1_events_wait_in_the_queue_for_the_first_one()
    {
        using var run = new LoadRun();
        var broker = await SharedBroker.GetAsync();
        var settings = run.Settings(await broker.CreateVirtualHostAsync("no-evaluator"));
        int[] batches = [.. Enumerable.Range(0, 60)];
        await using (var ingestion = HostProcess.Of("Ingestion", settings))
        {
            await ingestion.StartAsync();
            await Load.SendAllAsync(run.Events, batches, ingestion.Url);
            await ingestion.Process.KillAsync();
        }

        await using var services = await DistributedServices.StartAsync(settings);

        await run.AssertPromisesAsync(batches);
    }
}
