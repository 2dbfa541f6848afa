using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>A connection over which one queue is read: opened once, and given up for good at the first doubt.</summary>
/// <remarks>
/// Nothing that the client library does is trusted to end: every wait for the broker has a limit. Whether the line still lives is looked at, besides being
/// told, because the library forgets to tell whoever asks for it while the line breaks. What is taken and not acknowledged returns to the queue with the line's end.
/// </remarks>
internal sealed class QueueLine(QueueConsumer consumer, BrokerLine line, ConfirmedSender sender, ILogger logger) : IAsyncDisposable
{
    /// <summary>A broker that has just started, on a machine with too much to do, takes seconds to find its queues.</summary>
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(1);

    /// <summary>How long what is at work may go on when the line is closed; it may only be waiting to be tried again.</summary>
    private static readonly TimeSpan FinishesWithin = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _places = new(consumer.AtOnce);
    private readonly ConcurrentDictionary<ulong, Task> _work = [];
    private readonly CancellationTokenSource _givenUp = new();
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IChannel? _channel;
    private string? _tag;
    private volatile bool _takesNoMore;

    public bool IsReading => Volatile.Read(ref _tag) is not null && !line.IsBroken && !_broken.Task.IsCompleted;

    /// <summary>Returns when the broker has begun to hand over what is in the queue.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        var channel = _channel = await line.Opening.WaitAsync(cancellationToken);
        channel.ChannelShutdownAsync += (_, reason) => Break(reason.ReplyText);
        await AnswerAsync(BrokerTopology.DeclareAsync(channel, consumer.Queue, CancellationToken.None), cancellationToken);
        await AnswerAsync(channel.BasicQosAsync(0, consumer.Prefetch, global: false, CancellationToken.None), cancellationToken);
        var deliveries = new AsyncEventingBasicConsumer(channel);
        deliveries.UnregisteredAsync += (_, _) => Break("the broker hands over nothing more");
        deliveries.ReceivedAsync += (_, delivery) =>
        {
            Begin(channel, delivery);
            return Task.CompletedTask;
        };
        var consuming = channel.BasicConsumeAsync(consumer.Queue, autoAck: false, deliveries, CancellationToken.None);
        await AnswerAsync(consuming, cancellationToken);
        Volatile.Write(ref _tag, await consuming);
    }

    /// <summary>Ends with an exception, as soon as there is any doubt that messages come.</summary>
    public async Task BreaksAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.WhenAny(_broken.Task, Task.Delay(LooksEvery, cancellationToken));
            await ThrowIfBrokenAsync(cancellationToken);
        }
    }

    /// <summary>Takes nothing more, and lets what is at work finish, if it does so soon.</summary>
    public async Task FinishAsync()
    {
        _takesNoMore = true;
        if (_channel is { IsOpen: true } channel && _tag is { } tag)
            await channel.BasicCancelAsync(tag, noWait: true, CancellationToken.None).WaitAsync(FinishesWithin).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await WorkAsync();
    }

    /// <summary>Closes it without regard to what is at work, for which nobody waits longer than some seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        _takesNoMore = true;
        await _givenUp.CancelAsync();
        await WorkAsync();
        if (line.IsBroken)
            line.GiveUp(); // there is nothing to wait for
        else
            await line.CloseAsync();
        _givenUp.Dispose();
        _places.Dispose();
    }

    /// <remarks>The library leaves a question without an answer, and the wait without an end, that is asked while the line breaks.</remarks>
    private async Task AnswerAsync(Task answer, CancellationToken cancellationToken)
    {
        var limit = Task.Delay(AnswersWithin, cancellationToken);
        while (!answer.IsCompleted)
        {
            if (await Task.WhenAny(answer, _broken.Task, limit, Task.Delay(LooksEvery, cancellationToken)) == limit)
                await Break($"no answer within {AnswersWithin.TotalSeconds} s");
            await ThrowIfBrokenAsync(cancellationToken);
        }

        await answer;
    }

    private async Task ThrowIfBrokenAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (line.IsBroken)
            await Break("it is closed"); // unless a better reason is known
        if (_broken.Task.IsCompleted)
            await _broken.Task;
    }

    private async Task WorkAsync() => await Task.WhenAll(_work.Values).WaitAsync(FinishesWithin).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private Task Break(string why)
    {
        _broken.TrySetException(new IOException($"the line to the broker is broken: {why}"));
        return Task.CompletedTask;
    }

    /// <remarks>The body is the library's until this returns.</remarks>
    private void Begin(IChannel channel, BasicDeliverEventArgs delivery)
    {
        var (tag, properties, body) = (delivery.DeliveryTag, delivery.BasicProperties, delivery.Body.ToArray());
        var isRegistered = new TaskCompletionSource();
        _work[tag] = Task.Run(async () =>
        {
            await isRegistered.Task;
            await HandleAsync(channel, tag, properties, body);
            _work.TryRemove(tag, out _);
        });
        isRegistered.SetResult();
    }

    private async Task HandleAsync(IChannel channel, ulong tag, IReadOnlyBasicProperties properties, byte[] body)
    {
        try
        {
            await _places.WaitAsync(_givenUp.Token);
            try
            {
                if (_takesNoMore)
                    return;
                await ConsumeAsync(properties, body);
                await channel.BasicAckAsync(tag, multiple: false, CancellationToken.None).AsTask().WaitAsync(AnswersWithin);
            }
            finally
            {
                _places.Release();
            }
        }
        catch (Exception) when (_givenUp.IsCancellationRequested)
        {
            // It returns to its queue.
        }
        catch (Exception failure)
        {
            _broken.TrySetException(failure);
        }
    }

    private async Task ConsumeAsync(IReadOnlyBasicProperties properties, byte[] body)
    {
        try
        {
            await consumer.Dispatcher.Dispatch(body, DeliveryHeaders.Of(properties), _givenUp.Token);
        }
        catch (Exception failure) when (!_givenUp.IsCancellationRequested)
        {
            BusLog.MessageSetAside(logger, failure, consumer.Queue);
            await sender.SetAsideAsync(consumer.Queue, body, DeliveryHeaders.WithFailure(properties, failure));
        }
    }
}
