using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Processing.Exchange;
using TaggingPipeline.Processing.Leases;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Projection.Streaming;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Projection.Exchange;

/// <summary>On RabbitMQ: publishes every change to the topic exchange, in the order of each customer, and remembers how far it came.</summary>
/// <remarks>
/// A change is published when the one before it of the same customer is confirmed, and a position is stored when everything up to it is. So whoever begins at a stored position, after a crash or in
/// another's place, publishes again what may be there already, and nothing before its predecessor is there: among first deliveries the order holds, even while two publish. The lease only spares
/// work that is done twice.
/// </remarks>
internal sealed class ExchangePublisher(
    IChangeFeed feed, IFeedPositions positions, ILeases leases, FeedWatch watch, ILogger<ExchangePublisher> logger, ChangesExchange? exchange = null) : BackgroundService
{
    public const string Reader = "exchange";

    private const int PageSize = 200;

    /// <summary>A queue that refuses changes for longer must not hold up all others.</summary>
    private const int Attempts = 6;

    private static readonly string[] Lease = [$"feed:{Reader}"];
    private static readonly TimeSpan Stay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RenewsAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(2);

    private readonly string _id = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():n}";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (exchange is null)
            return; // in memory there is no exchange
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await HoldsLeaseAsync(stoppingToken))
                    await PublishAsync(exchange, stoppingToken);
                await Task.Delay(RenewsAfter, stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                Log.PublishingFailed(logger, failure, PauseAfterFailure.TotalSeconds);
                await Task.Delay(PauseAfterFailure, stoppingToken);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (exchange is null)
            return;
        try
        {
            await leases.ReleaseAsync(Lease, _id, cancellationToken).WaitAsync(Stay, cancellationToken);
        }
        catch (Exception failure)
        {
            Log.PublishingFailed(logger, failure, 0); // the lease runs out by itself
        }
    }

    private async Task<bool> HoldsLeaseAsync(CancellationToken cancellationToken) => (await leases.TakeAsync(Lease, _id, Stay, cancellationToken)).Count > 0;

    /// <summary>Goes on until somebody else has the lease, or something fails.</summary>
    private async Task PublishAsync(ChangesExchange exchange, CancellationToken stoppingToken)
    {
        var position = await positions.ReadAsync(Reader, stoppingToken);
        Log.PublishingBegun(logger, ChangesExchange.Name, position);
        var heldSince = Stopwatch.GetTimestamp();
        while (true)
        {
            if (Stopwatch.GetElapsedTime(heldSince) >= RenewsAfter)
            {
                heldSince = Stopwatch.GetTimestamp();
                if (!await HoldsLeaseAsync(stoppingToken))
                    return;
            }

            if (await watch.WaitAsync(position, RenewsAfter, stoppingToken) <= position)
                continue;
            var page = await feed.ReadAsync(position, PageSize, stoppingToken);
            if (page.Count == 0)
                continue;
            await Task.WhenAll(page.GroupBy(entry => entry.Customer, StringComparer.Ordinal).Select(changes => PublishInOrderAsync(exchange, changes, stoppingToken)));
            position = page[^1].Position;
            await positions.AdvanceAsync(Reader, position, stoppingToken);
        }
    }

    private async Task PublishInOrderAsync(ChangesExchange exchange, IEnumerable<FeedEntry> changesOfOne, CancellationToken stoppingToken)
    {
        foreach (var change in changesOfOne)
            await PublishAsync(exchange, change, stoppingToken);
    }

    private async Task PublishAsync(ChangesExchange exchange, FeedEntry change, CancellationToken stoppingToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await exchange.PublishAsync(change, stoppingToken);
                return;
            }
            catch (MessageRefusedException refused) when (attempt >= Attempts || refused.IsTooLarge)
            {
                Log.ChangeNotTaken(logger, refused, change.Position, attempt);
                return;
            }
            catch (MessageRefusedException)
            {
                await Task.Delay(TimeSpan.FromSeconds(attempt), stoppingToken);
            }
        }
    }
}
