namespace TaggingPipeline.Pipeline.Specs.Processes;

[TestFixture, Category("Processes")]
public sealed class When_the_embedded_server_is_killed_under_load
{
    [Test]
    public async Task Promises_1_2_and_3_nothing_acknowledged_is_lost_and_the_state_is_that_of_an_undisturbed_run()
    {
        using var run = new LoadRun();
        await using var server = HostProcess.Standalone(run.Settings());
        await server.StartAsync();

        await using var load = Load.Start(run.Events, server.Url, TimeSpan.FromMilliseconds(10));
        await Kills.RepeatAsync([server], Kills.Count);
        var acknowledged = await load.StopAsync();

        Assert.That(load.Failures, Is.GreaterThan(0), "no kill hit a request");
        await run.AssertPromisesAsync(acknowledged);
    }
}

[TestFixture, Category("Processes")]
public sealed class When_the_embedded_server_is_asked_to_end_under_load
{
    [Test]
    public async Task It_ends_in_good_order_and_what_it_acknowledged_is_there()
    {
        using var run = new LoadRun();
        await using var server = HostProcess.Standalone(run.Settings());
        await server.StartAsync();
        await using var load = Load.Start(run.Events, server.Url, TimeSpan.FromMilliseconds(10));
        await Eventually.HoldsAsync("some batches are acknowledged", TimeSpan.FromSeconds(30), () => Task.FromResult(load.Acknowledged >= 40));

        var exitCode = await server.Process.TerminateAsync(TimeSpan.FromSeconds(30));

        Assert.That(exitCode, Is.Zero);
        Assert.That(server.Process.Errors, Is.Empty);
        await server.StartAsync();
        await run.AssertPromisesAsync(await load.StopAsync());
    }
}
