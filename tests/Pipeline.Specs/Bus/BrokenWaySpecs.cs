using System.Diagnostics;
using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Brokers;
using TaggingPipeline.Pipeline.Specs.Processes;

namespace TaggingPipeline.Pipeline.Specs.Bus;

/// <remarks>Opening all that a host opens takes less than a thousand bytes of answers on each connection, so that a way ends in the middle of it, or soon after.</remarks>
[TestFixture, NonParallelizable, Category("RabbitMq")]
public sealed class When_the_way_to_the_broker_breaks
{
    private const int Answers = 900;

    private static readonly TimeSpan ReadAgainWithin = TimeSpan.FromSeconds(120);

    private static int Rounds => Kills.IsLong ? 100 : 12;

    private RabbitMqServer _broker = null!;
    private BrokerDetour _detour = null!;
    private BusHost _host = null!;
    private Random _random = null!;

    [SetUp]
    public async Task A_host_on_the_way()
    {
        _broker = await SharedBroker.GetAsync();
        var address = await _broker.CreateVirtualHostAsync($"way-{TestContext.CurrentContext.Test.ID}");
        _detour = BrokerDetour.To(_broker.Port);
        _host = await BusHost.StartAsync(address.Replace($":{_broker.Port}/", $":{_detour.Port}/", StringComparison.Ordinal));
        _random = new Random(Kills.Seed);
    }

    [TearDown]
    public async Task Nothing_is_left()
    {
        await _host.DisposeAsync();
        await _detour.DisposeAsync();
    }

    [Test]
    public async Task Promise_1_every_queue_is_read_again_wherever_the_way_broke_off()
    {
        for (var round = 1; round <= Rounds; round++)
        {
            (_detour.BreaksOff, _detour.AnswersEndAfter) = (true, _random.Next(1, Answers));
            _detour.BreakOffAll();
            await Task.Delay(_random.Next(500, 3_000));
            TestContext.Out.WriteLine($"Round {round}: answers ended after {_detour.AnswersEndAfter} bytes, {_detour.Ended} times so far");
            _detour.AnswersEndAfter = null;

            await IsReadAsync($"{round}");
        }

        Assert.That(_detour.Ended, Is.GreaterThan(Rounds), "else no way broke off while it was opened");
        Assert.That(await ProcessorTimeOfAsync(TimeSpan.FromSeconds(3)), Is.LessThan(TimeSpan.FromSeconds(1.5)), "something goes on without a pause");
    }

    [Test]
    public async Task Promise_1_every_queue_is_read_again_although_the_broker_fell_silent_and_meanwhile_the_host_is_not_ready()
    {
        (_detour.BreaksOff, _detour.AnswersEndAfter) = (false, _random.Next(1, Answers));
        TestContext.Out.WriteLine($"Answers end after {_detour.AnswersEndAfter} bytes");
        _detour.BreakOffAll();
        await Eventually.HoldsAsync("the host is not ready", ReadAgainWithin, async () => !await _host.IsReadyAsync());
        _detour.AnswersEndAfter = null; // for those who ask anew: what is silent stays so

        await IsReadAsync("after");
    }

    private static async Task<TimeSpan> ProcessorTimeOfAsync(TimeSpan pause)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        await Task.Delay(pause);
        process.Refresh();
        return process.TotalProcessorTime - before;
    }

    private async Task IsReadAsync(string id)
    {
        var since = Stopwatch.StartNew();
        var batches = _host.Received.Batches.Reader;
        while (_host.Received.Changes.Reader.TryRead(out _))
        {
            // They come from before.
        }

        await Eventually.HoldsAsync($"event {id} is sent", ReadAgainWithin, async () =>
        {
            try
            {
                await _host.Sender.SendAsync(QueueNames.Events, Messages.Batch(id), CancellationToken.None);
                await _host.Sender.SendAsync(QueueNames.TagChanges, Messages.Changes(), CancellationToken.None);
            }
            catch (Exception)
            {
                return false; // the way is not there again
            }

            return true;
        });
        await Eventually.HoldsAsync($"event {id} is read", ReadAgainWithin, () => Task.FromResult(batches.TryRead(out var batch) && batch.Events[0].EventId == id));
        await Eventually.HoldsAsync("changes are read", ReadAgainWithin, () => Task.FromResult(_host.Received.Changes.Reader.TryRead(out _)));
        TestContext.Out.WriteLine($"Read again {since.Elapsed.TotalSeconds:0.0} s after the way was there again");
        await Eventually.HoldsAsync("the host is ready", ReadAgainWithin, _host.IsReadyAsync);
    }
}
