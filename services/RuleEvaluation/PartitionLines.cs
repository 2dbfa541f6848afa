using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.ServiceDefaults.Bus;
using TaggingPipeline.ServiceDefaults.Hosting;

namespace TaggingPipeline.RuleEvaluation;

/// <summary>Reads the queues of the partitions in this evaluator's share, and no others.</summary>
/// <remarks>Messages that were taken from a queue and not acknowledged return to it when it is given up, and go to whoever reads it then.</remarks>
/// <param name="readers">None on the in-memory bus, where nothing is partitioned.</param>
internal sealed class PartitionLines(CurrentShare share, EventQueues queues, ILogger<PartitionLines> logger, QueueReaders? readers = null) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<int, QueueReader> _open = [];
    private readonly List<Task> _closing = [];

    /// <summary>Returns when nothing that came from the queues is at work any more.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Follow(WorkShare.Nothing);
        await Task.WhenAll(_closing).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <remarks>Apart from signing in, because giving queues up can take longer than a stay.</remarks>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => queues.ArePartitioned
        ? Recurring.RunAsync(Interval, PassAsync, Failed, stoppingToken)
        : Task.CompletedTask;

    private Task PassAsync(CancellationToken cancellationToken)
    {
        Follow(share.Value);
        return Task.CompletedTask;
    }

    private void Failed(Exception exception) => Log.LinesNotOpened(logger, exception);

    /// <summary>Begins and ends reading until the queues are those of the share. Does not wait for either.</summary>
    private void Follow(WorkShare wanted)
    {
        _closing.RemoveAll(closing => closing.IsCompleted);
        foreach (var partition in _open.Keys.Except(wanted.Partitions).ToList())
        {
            _open.Remove(partition, out var reader);
            _closing.Add(reader!.DisposeAsync().AsTask());
        }

        // Two batches of one partition at once would only meet on its customers.
        foreach (var partition in wanted.Partitions.Except(_open.Keys).ToList())
            _open.Add(partition, readers!.Open<EventBatchConsumer>(QueueNames.EventsOf(partition), atOnce: 1));
    }
}
