using System.Diagnostics;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>Reads one queue until it is stopped, over one <see cref="QueueLine"/> after another.</summary>
/// <remarks>A line is used as long as nothing on it went wrong, and never repaired: docs/decisions/2026-11-22-own-reader.md.</remarks>
public sealed class QueueReader : IAsyncDisposable
{
    private static readonly TimeSpan BeforeTheNextLine = TimeSpan.FromSeconds(1);

    private readonly QueueConsumer _consumer;
    private readonly ConnectionFactory _connections;
    private readonly ConfirmedSender _sender;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new(); // not disposed: whoever stops it twice would find it so
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;
    private QueueLine? _line;
    private long _lastReading = Stopwatch.GetTimestamp();

    internal QueueReader(QueueConsumer consumer, ConnectionFactory connections, ConfirmedSender sender, ILogger logger, Action<QueueReader> closed)
    {
        (_consumer, _connections, _sender, _logger) = (consumer, connections, sender, logger);
        _reading = Task.Run(async () =>
        {
            await RunAsync();
            closed(this);
        });
    }

    public string Queue => _consumer.Queue;

    /// <summary>Ends when the queue is read for the first time, or the reader is stopped before.</summary>
    public Task Opened => _opened.Task;

    /// <summary>For how long nothing could have come; zero while the queue is read.</summary>
    public TimeSpan NotReadingFor => Volatile.Read(ref _line) is { IsReading: true } ? TimeSpan.Zero : Stopwatch.GetElapsedTime(Volatile.Read(ref _lastReading));

    /// <summary>Takes no message any more. Returns when nothing is at work that came over it; what was not done returns to the queue.</summary>
    /// <remarks>Takes some ten seconds at most: what is at work has a limit, and nothing waits for the broker for long.</remarks>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _reading;
        _opened.TrySetResult();
    }

    private async Task RunAsync()
    {
        var isToBeTold = true;
        while (!_stopping.IsCancellationRequested)
        {
            var isOpened = false;
            var line = new QueueLine(_consumer, new BrokerLine(_connections), _sender, _logger);
            Volatile.Write(ref _line, line);
            try
            {
                await line.OpenAsync(_stopping.Token);
                if (_opened.Task.IsCompleted)
                    BusLog.QueueReadAgain(_logger, Queue);
                isOpened = isToBeTold = true;
                _opened.TrySetResult();
                await line.BreaksAsync(_stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                await line.FinishAsync();
            }
            catch (Exception failure)
            {
                if (isOpened)
                    Volatile.Write(ref _lastReading, Stopwatch.GetTimestamp());
                if (isToBeTold)
                    BusLog.QueueNotRead(_logger, Queue, failure.GetBaseException().Message);
                isToBeTold = false; // once for an outage, however often the broker is asked
            }

            await line.DisposeAsync();
            await Task.Delay(BeforeTheNextLine, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
