using RabbitMQ.Client;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>One connection with one channel on which the broker confirms: opened once, and given up for good at the first doubt.</summary>
/// <remarks>Nothing that the client library does here is trusted to end: whoever waits for it waits with a limit, and giving up never waits.</remarks>
internal sealed class BrokerLine
{
    /// <summary>Connecting takes some hundredths of a second, on a machine with too much to do some seconds.</summary>
    private static readonly TimeSpan OpensWithin = TimeSpan.FromSeconds(10);

    /// <summary>How long a failed opening stands, so that a broker that is away is not asked more often, however many send.</summary>
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan LooksEvery = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan ClosesWithin = TimeSpan.FromSeconds(5);

    private static readonly CreateChannelOptions Confirming = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    private readonly Task<IConnection> _connecting;
    private int _isGivenUp;

    /// <param name="prepare">Done before it counts as open.</param>
    public BrokerLine(ConnectionFactory factory, Func<CancellationToken, Task>? prepare = null)
    {
        var limit = new CancellationTokenSource(OpensWithin);
        _connecting = ConnectAsync(factory, limit.Token);
        Opening = OpenAsync(prepare, limit);
    }

    /// <summary>Ends, one way or the other, within a time of its own, whoever waits for it.</summary>
    public Task<IChannel> Opening { get; }

    /// <summary>Whether it is known to be of no use any more.</summary>
    public bool IsBroken => Volatile.Read(ref _isGivenUp) != 0 || (Opening.IsCompleted && !(Opening.IsCompletedSuccessfully && Opening.Result.IsOpen));

    /// <summary>Closes it without waiting; what is still on its way fails at once.</summary>
    public void GiveUp() => _ = CloseAsync();

    /// <summary>Closes it, and waits for that no longer than a few seconds.</summary>
    public async Task CloseAsync()
    {
        if (Interlocked.Exchange(ref _isGivenUp, 1) == 0)
            await AbortAsync().WaitAsync(ClosesWithin).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task<IConnection> ConnectAsync(ConnectionFactory factory, CancellationToken cancellationToken)
    {
        await Task.Yield(); // looking up a name may block
        return await factory.CreateConnectionAsync(cancellationToken);
    }

    private async Task<IChannel> OpenAsync(Func<CancellationToken, Task>? prepare, CancellationTokenSource limit)
    {
        using (limit)
        {
            try
            {
                var connection = await _connecting.WaitAsync(limit.Token);
                var opening = connection.CreateChannelAsync(Confirming, limit.Token);
                while (!opening.IsCompleted && connection.IsOpen) // a connection that ends meanwhile leaves it unanswered
                {
                    await Task.WhenAny(opening, Task.Delay(LooksEvery, limit.Token));
                    limit.Token.ThrowIfCancellationRequested();
                }

                var channel = opening.IsCompleted ? await opening : throw new IOException("The connection to the broker ended while it was opened.");
                if (prepare is not null)
                    await prepare(limit.Token).WaitAsync(limit.Token);
                return channel;
            }
            catch (Exception)
            {
                await Task.Delay(PauseAfterFailure);
                GiveUp();
                throw;
            }
        }
    }

    /// <remarks>A connection that comes too late is closed when it comes.</remarks>
    private async Task AbortAsync()
    {
        var connection = await _connecting;
        await connection.AbortAsync(ClosesWithin);
        await connection.DisposeAsync();
    }
}
