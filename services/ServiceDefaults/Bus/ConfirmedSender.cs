using System.Text.Json;
using MassTransit;
using RabbitMQ.Client;
using TaggingPipeline.Processing.Events;
using PublishException = RabbitMQ.Client.Exceptions.PublishException;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>On RabbitMQ: a message is safe when the broker has confirmed that a durable queue holds it.</summary>
/// <remarks>
/// All who send share one <see cref="BrokerLine"/>. Whatever goes wrong on it, but for a message that the broker refuses, is taken for the end of the line, and
/// the next send opens another. It is not MassTransit's send endpoint because that keeps a channel that no longer answers:
/// docs/decisions/2026-11-22-own-sender.md. Messages are mandatory: should the queue be gone, the broker returns them, instead of confirming what it dropped.
/// </remarks>
internal sealed class ConfirmedSender(BusAddress.RabbitMq address) : ISafeSender, IRedelivery, IAsyncDisposable
{
    /// <summary>What RabbitMQ 4 takes unless it is told otherwise. Something larger would close the channel, to the harm of all who send.</summary>
    private const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>How long a send waits for a broker that is away or slow before it fails.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly ConnectionFactory _connections = address.ConnectionsOf("tagging sender");
    private readonly Lock _gate = new();
    private BrokerLine? _line;
    private bool _isDisposed;

    /// <exception cref="MessageRefusedException">This message is not taken; others may be.</exception>
    /// <exception cref="TimeoutException">The broker was away, or did not confirm in time.</exception>
    public Task SendAsync<T>(string queue, T message, CancellationToken cancellationToken)
        where T : class =>
        SendAsync(queue, message, round: null, cancellationToken);

    public Task SendAgainAsync<T>(ConsumeContext<T> delivery, string queue, T message, int round)
        where T : class =>
        SendAsync(queue, message, round, delivery.CancellationToken);

    /// <summary>Keeps a message that no consumer could process in the error queue beside its own.</summary>
    public Task SetAsideAsync(string queue, byte[] body, BasicProperties properties) => PublishAsync(BrokerTopology.ErrorQueueOf(queue), body, properties);

    public async ValueTask DisposeAsync()
    {
        BrokerLine? last;
        lock (_gate)
            (last, _line, _isDisposed) = (_line, null, true);
        if (last is not null)
            await last.CloseAsync();
    }

    private async Task SendAsync<T>(string queue, T message, int? round, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Options);
        if (body.Length > MaxBytes)
            throw new MessageRefusedException(queue, $"it has {body.Length} bytes, and at most {MaxBytes} are allowed") { IsTooLarge = true };

        // It goes on when the caller gives up: else, with callers less patient than this, nobody would ever find out that the line is dead.
        await PublishAsync(queue, body, PropertiesOf(round)).WaitAsync(cancellationToken);
    }

    private async Task PublishAsync(string queue, ReadOnlyMemory<byte> body, BasicProperties properties)
    {
        using var patience = new CancellationTokenSource(Patience);
        var (line, channel) = await OpenLineAsync(patience.Token);
        try
        {
            // The client must not be told to cancel: it could then take a confirm for that of another message (rabbitmq-dotnet-client 1793).
            await channel.BasicPublishAsync(queue, "", mandatory: true, properties, body, CancellationToken.None).AsTask().WaitAsync(patience.Token);
        }
        catch (PublishException refused)
        {
            throw new MessageRefusedException(queue, refused.IsReturn ? "no queue is there to take it" : "the queue could not store it", refused);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            line.GiveUp();
            throw new TimeoutException($"The broker has not confirmed a message to {queue} within {Patience.TotalSeconds} s.");
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
            return _line = new(_connections);
        }
    }

    private static BasicProperties PropertiesOf(int? round) => new()
    {
        ContentType = "application/json",
        DeliveryMode = DeliveryModes.Persistent,
        Headers = round is null ? null : new Dictionary<string, object?> { [IRedelivery.RoundHeader] = round },
    };
}

/// <summary>This message will not be taken as it is; what is wrong is not the way to the broker.</summary>
public sealed class MessageRefusedException(string queue, string why, Exception? cause = null) : Exception($"A message to {queue} was not taken: {why}.", cause)
{
    /// <summary>Parts of it would be taken.</summary>
    public bool IsTooLarge { get; init; }
}
