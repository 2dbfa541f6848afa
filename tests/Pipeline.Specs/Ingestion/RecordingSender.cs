using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Pipeline.Specs.Ingestion;

/// <summary>Keeps what it is given to send, as it would read at the other end; can be told to hold messages back, or to fail.</summary>
internal sealed class RecordingSender : ISafeSender
{
    private readonly Lock _lock = new();
    private readonly List<(string Queue, EventBatch Batch)> _batches = [];
    private readonly List<EventsRejected> _rejections = [];
    private readonly List<EventBatch> _onTheirWay = [];
    private TaskCompletionSource _open = Opened();
    private int _started;

    /// <summary>Thrown instead of sending, while it is set.</summary>
    public Exception? Failure { get; set; }

    /// <summary>How many messages fail before sending works again.</summary>
    public int FailuresLeft { get; set; } = int.MaxValue;

    /// <summary>The queue that fails; null for all.</summary>
    public string? FailingQueue { get; set; }

    /// <summary>How many messages it was given, sent or not.</summary>
    public int Started => Volatile.Read(ref _started);

    /// <summary>The batches of events, each with the queue to which it was sent.</summary>
    public IReadOnlyList<(string Queue, EventBatch Batch)> Queued
    {
        get
        {
            lock (_lock)
                return [.. _batches];
        }
    }

    public IReadOnlyList<EventBatch> Batches => [.. Queued.Select(queued => queued.Batch)];

    /// <summary>Batches that are held.</summary>
    public IReadOnlyList<EventBatch> OnTheirWay
    {
        get
        {
            lock (_lock)
                return [.. _onTheirWay];
        }
    }

    public IReadOnlyList<ShopEvent> Events => [.. Batches.SelectMany(batch => batch.Events)];

    public IReadOnlyList<RejectedEvent> Rejected
    {
        get
        {
            lock (_lock)
                return [.. _rejections.SelectMany(message => message.Events)];
        }
    }

    /// <summary>From now on messages are neither safe nor failed, until <see cref="Release"/>.</summary>
    public void Hold() => _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _open.TrySetResult();

    public async Task SendAsync<T>(string queue, T message, CancellationToken cancellationToken)
        where T : class
    {
        Interlocked.Increment(ref _started);
        await PassAsync(message, cancellationToken);
        if (Failure is not null && (FailingQueue ?? queue) == queue && FailuresLeft-- > 0)
            throw Failure;
        var received = JsonSerializer.Deserialize<T>(JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Options), ContractsJson.Options);
        lock (_lock)
        {
            if (received is EventBatch batch && queue.StartsWith(QueueNames.Events, StringComparison.Ordinal))
                _batches.Add((queue, batch));
            else if (received is EventsRejected rejected && queue == QueueNames.Rejections)
                _rejections.Add(rejected);
            else
                throw new InvalidOperationException($"{typeof(T).Name} does not belong in {queue}.");
        }
    }

    private async Task PassAsync<T>(T message, CancellationToken cancellationToken)
    {
        if (message is EventBatch held)
            lock (_lock)
                _onTheirWay.Add(held);
        await _open.Task.WaitAsync(cancellationToken);
        if (message is EventBatch passed)
            lock (_lock)
                _onTheirWay.Remove(passed);
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }
}
