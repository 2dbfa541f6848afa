using RabbitMQ.Client;
using PublishException = RabbitMQ.Client.Exceptions.PublishException;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>Publishes to RabbitMQ, and returns when the broker has confirmed.</summary>
/// <remarks>
/// All who publish share one <see cref="BrokerLine"/>. Whatever goes wrong on it, but for a message that the broker refuses, is taken for the end of the line, and
/// the next publication opens another. It is not MassTransit's send endpoint because that keeps a channel that no longer answers:
/// docs/decisions/2026-11-22-own-sender.md.
/// </remarks>
/// <param name="name">What the connection is called at the broker.</param>
/// <param name="prepare">Done on each line before anything is published on it.</param>
internal sealed class ConfirmedPublisher(BusAddress.RabbitMq address, string name, Func<CancellationToken, Task>? prepare = null) : IAsyncDisposable
{
    /// <summary>What RabbitMQ 4 takes unless it is told otherwise. Something larger would close the channel, to the harm of all who send.</summary>
    private const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>How long a publication waits for a broker that is away or slow before it fails.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly ConnectionFactory _connections = address.ConnectionsOf(name);
    private readonly Lock _gate = new();
    private BrokerLine? _line;
    private bool _isDisposed;

    /// <param name="mandatory">The broker returns the message, instead of confirming what it dropped, when no queue takes it.</param>
    /// <param name="cancellationToken">Ends the wait; the message may still be published.</param>
    /// <param name="wasTaken">The broker has taken a message of this size before, so its size is no reason to refuse it.</param>
    /// <exception cref="MessageRefusedException">This message is not taken; others may be.</exception>
    /// <exception cref="TimeoutException">The broker was away, or did not confirm in time.</exception>
    public async Task PublishAsync(
        string exchange, string routingKey, bool mandatory, BasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken,
        bool wasTaken = false)
    {
        if (body.Length > MaxBytes && !wasTaken)
            throw new MessageRefusedException(exchange, $"it has {body.Length} bytes, and at most {MaxBytes} are allowed") { IsTooLarge = true };

        // It goes on when the caller gives up: else, with callers less patient than this, nobody would ever find out that the line is dead.
        await PublishAsync(exchange, routingKey, mandatory, properties, body).WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        BrokerLine? last;
        lock (_gate)
            (last, _line, _isDisposed) = (_line, null, true);
        if (last is not null)
            await last.CloseAsync();
    }

    private async Task PublishAsync(string exchange, string routingKey, bool mandatory, BasicProperties properties, ReadOnlyMemory<byte> body)
    {
        using var patience = new CancellationTokenSource(Patience);
        var (line, channel) = await OpenLineAsync(patience.Token);
        try
        {
            // The client must not be told to cancel: it could then take a confirm for that of another message (rabbitmq-dotnet-client 1793).
            await channel.BasicPublishAsync(exchange, routingKey, mandatory, properties, body, CancellationToken.None).AsTask().WaitAsync(patience.Token);
        }
        catch (PublishException refused)
        {
            throw new MessageRefusedException(exchange, refused.IsReturn ? "no queue is there to take it" : "the queue could not store it", refused);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            line.GiveUp();
            throw new TimeoutException($"The broker has not confirmed a message to {exchange} within {Patience.TotalSeconds} s.");
        }
        catch
        {
            line.GiveUp();
            throw;
        }
    }

    /// <summary>The line there is, or the next one, as long as opening it fails and patience lasts.</summary>
    private async Task<(BrokerLine Line, IChannel Channel)> OpenLineAsync(CancellationToken patience)
    {
        Exception? last = null;
        while (true)
        {
            var line = CurrentLine();
            try
            {
                return (line, await line.Opening.WaitAsync(patience));
            }
            catch (Exception) when (patience.IsCancellationRequested)
            {
                throw new TimeoutException($"{address} was not reached within {Patience.TotalSeconds} s.", last);
            }
            catch (Exception failed)
            {
                last = failed.GetBaseException();
            }
        }
    }

    /// <remarks>Whoever comes first after a line broke opens the next, and the others share it.</remarks>
    private BrokerLine CurrentLine()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_line is { IsBroken: false })
                return _line;
            _line?.GiveUp();
            return _line = new(_connections, prepare);
        }
    }
}

/// <summary>This message will not be taken as it is; what is wrong is not the way to the broker.</summary>
public sealed class MessageRefusedException(string exchange, string why, Exception? cause = null) : Exception($"A message to {exchange} was not taken: {why}.", cause)
{
    /// <summary>Parts of it would be taken.</summary>
    public bool IsTooLarge { get; init; }
}
