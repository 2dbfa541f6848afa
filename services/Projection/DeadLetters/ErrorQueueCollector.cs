using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Processing.DeadLetters;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Projection.DeadLetters;

/// <summary>On RabbitMQ: brings what lies in error queues into the store, where it can be listed without being taken.</summary>
/// <remarks>While the store is away, as it may be when messages fail, they stay where they are. Any number of processes may do it at once.</remarks>
internal sealed class ErrorQueueCollector(IDeadLetters letters, ILogger<ErrorQueueCollector> logger, ErrorQueues? queues = null) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (queues is not null && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                await queues.ReadAsync(KeepAsync, stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                Log.CollectingFailed(logger, failure, Pause.TotalSeconds);
                await Task.Delay(Pause, stoppingToken);
            }
        }
    }

    private async Task<bool> KeepAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        if (letter.Body.Length > IDeadLetters.MaxBytes)
        {
            Log.DeadLetterTooLarge(logger, letter.Queue, letter.Body.Length);
            return false;
        }

        await letters.AddAsync(letter, cancellationToken);
        Log.DeadLetterKept(logger, letter.Queue, letter.Reason);
        return true;
    }
}
