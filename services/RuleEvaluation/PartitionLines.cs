using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.ServiceDefaults.Bus;
using TaggingPipeline.ServiceDefaults.Hosting;

namespace TaggingPipeline.RuleEvaluation;

/// <summary>Reads the queues of the partitions in this evaluator's share, and no others.</summary>
/// <remarks>Messages that were taken from a queue and not acknowledged return to it when it is given up, and go to whoever reads it then.</remarks>
internal sealed class PartitionLines(IReceiveEndpointConnector bus, CurrentShare share, EventQueues queues, ILogger<PartitionLines> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Unless the broker is away; then nothing is read anyway.</summary>
    private static readonly TimeSpan ClosesWithin = TimeSpan.FromSeconds(10);

    /// <summary>How long until people are told.</summary>
    private static readonly TimeSpan ShouldBeClosedWithin = TimeSpan.FromMinutes(1);

    private readonly Dictionary<int, HostReceiveEndpointHandle> _open = [];
    private readonly List<Task> _closing = [];

    /// <summary>Returns when nothing that came over the lines is at work any more.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Follow(WorkShare.Nothing);
        await Task.WhenAll(_closing).WaitAsync(ClosesWithin, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <remarks>Apart from signing in, because opening lines can take longer than a stay.</remarks>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => queues.ArePartitioned
        ? Recurring.RunAsync(Interval, PassAsync, Failed, stoppingToken)
        : Task.CompletedTask;

    private Task PassAsync(CancellationToken cancellationToken)
    {
        Follow(share.Value);
        return Task.CompletedTask;
    }

    private void Failed(Exception exception) => Log.LinesNotOpened(logger, exception);

    /// <summary>Opens and closes lines until they are those of the share. Does not wait for either.</summary>
    private void Follow(WorkShare wanted)
    {
        _closing.RemoveAll(closing => closing.IsCompleted);
        foreach (var partition in _open.Keys.Except(wanted.Partitions).ToList())
        {
            _open.Remove(partition, out var line);
            _closing.Add(CloseAsync(partition, line!));
        }

        // One that cannot be opened, because it is still being closed, keeps no other from being opened.
        var failures = new List<Exception>();
        foreach (var partition in wanted.Partitions.Except(_open.Keys).ToList())
        {
            try
            {
                _open.Add(partition, Open(QueueNames.EventsOf(partition)));
            }
            catch (Exception failure)
            {
                failures.Add(failure);
            }
        }

        if (failures.Count > 0)
            throw new AggregateException(failures);
    }

    private HostReceiveEndpointHandle Open(string queue) => bus.ConnectReceiveEndpoint(queue, (context, endpoint) =>
    {
        // What the bus does for every endpoint that it has from the start, and not for those that come later.
        context.GetConfigureReceiveEndpoints().Configure(queue, endpoint);

        // What shops publish by type goes to the public queue alone.
        endpoint.ConfigureConsumeTopology = false;

        // Two batches of one partition at once would only meet on its customers.
        context.ConfigureConsumer<EventBatchConsumer>(endpoint, consumer => consumer.ConcurrentMessageLimit = 1);
    });

    /// <remarks>
    /// A line that is stopped while it opens, or whose stop is cancelled, would stay open and hold messages back. What is at work has a limit of its own
    /// (<see cref="MassTransitHostOptions.ConsumerStopTimeout"/>).
    /// </remarks>
    private async Task CloseAsync(int partition, HostReceiveEndpointHandle line)
    {
        try
        {
            await ((Task)line.Ready).WaitAsync(ShouldBeClosedWithin).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await line.StopAsync(CancellationToken.None).WaitAsync(ShouldBeClosedWithin);
        }
        catch (Exception failure)
        {
            Log.LineNotClosed(logger, failure, QueueNames.EventsOf(partition));
        }
    }
}
