using System.Text;
using NodaTime;
using NodaTime.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using TaggingPipeline.Processing.DeadLetters;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>Reads the queues where messages are set aside that a consumer could not process.</summary>
public sealed class ErrorQueues
{
    private const ushort Prefetch = 10;

    private static readonly TimeSpan OpensWithin = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(1);

    private readonly ConnectionFactory _connections;

    internal ErrorQueues(BusAddress.RabbitMq address) => _connections = address.ConnectionsOf("tagging dead letters");

    /// <summary>Hands over every message there is and will be, one at a time, and takes it from its queue when it is kept.</summary>
    /// <param name="keep">Returns whether it is kept: if not, the message stays in its queue for as long as this goes on.</param>
    /// <returns>Never, but for the exception: keeping failed, or the connection broke. What was not kept is in its queue.</returns>
    public async Task ReadAsync(Func<DeadLetter, CancellationToken, Task<bool>> keep, CancellationToken cancellationToken)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var connection = await OpenAsync(cancellationToken);
        try
        {
            var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).WaitAsync(OpensWithin, cancellationToken);
            channel.ChannelShutdownAsync += (_, reason) => End($"The channel was closed: {reason.ReplyText}");
            await channel.BasicQosAsync(0, Prefetch, global: false, cancellationToken).WaitAsync(OpensWithin, cancellationToken);
            foreach (var (queue, source) in BrokerTopology.ErrorQueues)
            {
                var consumer = new AsyncEventingBasicConsumer(channel);
                consumer.UnregisteredAsync += (_, _) => End($"The queue {queue} is gone.");
                consumer.ReceivedAsync += async (_, delivery) =>
                {
                    try
                    {
                        if (!ended.Task.IsCompleted && await keep(Read(source, delivery), cancellationToken))
                            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, cancellationToken);
                    }
                    catch (Exception failure)
                    {
                        ended.TrySetException(failure);
                    }
                };
                await channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancellationToken).WaitAsync(OpensWithin, cancellationToken);
            }

            // The library may forget to tell of a line that breaks while somebody asks for that.
            while (await Task.WhenAny(ended.Task, Task.Delay(LooksEvery, cancellationToken)) != ended.Task && channel.IsOpen)
                cancellationToken.ThrowIfCancellationRequested();
            await (ended.Task.IsCompleted ? ended.Task : Task.FromException(new IOException("The channel is closed.")));
        }
        finally
        {
            _ = connection.AbortAsync(OpensWithin); // nothing here is trusted to end
        }

        Task End(string why)
        {
            ended.TrySetException(new IOException(why));
            return Task.CompletedTask;
        }
    }

    private async Task<IConnection> OpenAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(OpensWithin);
        return await _connections.CreateConnectionAsync(limit.Token);
    }

    /// <remarks>The body is the client's until the handler returns.</remarks>
    private static DeadLetter Read(string source, BasicDeliverEventArgs delivery)
    {
        var headers = delivery.BasicProperties.Headers;
        var failedAt = InstantPattern.ExtendedIso.Parse(Text("MT-Fault-Timestamp")).TryGetValue(Instant.MinValue, out var at) ? at : Instant.FromUnixTimeMilliseconds(0);
        return DeadLetter.Of(
            source,
            Text("MT-Fault-ExceptionType") is { Length: > 0 } type ? type : Text("MT-Reason") is { Length: > 0 } reason ? reason : "unknown",
            Text("MT-Fault-Message"),
            failedAt,
            string.IsNullOrEmpty(delivery.BasicProperties.ContentType) ? null : delivery.BasicProperties.ContentType,
            delivery.Body.ToArray());

        string Text(string header) => headers is not null && headers.TryGetValue(header, out var value)
            ? value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : value?.ToString() ?? ""
            : "";
    }
}
