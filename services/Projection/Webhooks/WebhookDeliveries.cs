using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Processing.Leases;
using TaggingPipeline.Processing.Subscriptions;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>Keeps a run going for every active subscription that this process is to deliver.</summary>
/// <remarks>
/// Of several processes the one that has a subscription's lease delivers it. A lease that could not be renewed in time counts as lost here before it is free for others. On an
/// in-memory bus there is one process, and nobody to share with.
/// </remarks>
internal sealed class WebhookDeliveries(
    DeliveryServices services, ILeases leases, EventQueues queues, SubscriptionsSignal changed) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Stay = TimeSpan.FromSeconds(5);

    /// <summary>So long before its end a lease counts as lost.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    /// <summary>What requests under way are given to come back when their run has to end.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly string _id = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():n}";
    private readonly Dictionary<string, Running> _running = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    await PassAsync(stoppingToken);
                }
                catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
                {
                    Log.SubscriptionsNotRead(services.Logger, failure);
                }

                await changed.WaitAsync(Interval, stoppingToken);
            }
        }
        finally
        {
            await EndAsync();
        }
    }

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        var active = (await services.Subscriptions.ListAsync(cancellationToken)).Where(each => each.State == SubscriptionState.Active).ToDictionary(each => each.Id, StringComparer.Ordinal);
        var takenAt = Stopwatch.GetTimestamp();
        var held = queues.ArePartitioned ? await leases.TakeAsync([.. active.Keys.Select(LeaseOf)], _id, Stay, cancellationToken) : null;

        foreach (var (id, running) in _running.ToList())
        {
            var isHeld = held?.Contains(LeaseOf(id)) ?? true;
            if (isHeld)
                running.Hold.Renew(takenAt);
            if (!isHeld || !active.TryGetValue(id, out var subscription) || subscription.Run != running.Number || subscription.Incarnation != running.Incarnation)
                running.End();
            if (!running.Task.IsCompleted)
                continue;
            active.Remove(id); // what the run stored at its end may be newer than this look: the next pass starts it
            _running.Remove(id);
            running.Dispose();
            changed.Raise();
        }

        foreach (var subscription in active.Values.Where(each => !_running.ContainsKey(each.Id) && (held?.Contains(LeaseOf(each.Id)) ?? true)))
            _running.Add(subscription.Id, Start(subscription, held is null ? new() : new(takenAt, Stay - Margin)));
    }

    private Running Start(Subscription subscription, Hold hold)
    {
        var running = new Running(subscription, hold);
        running.Task = RunAsync();
        return running;

        async Task RunAsync()
        {
            await Task.Yield();
            try
            {
                using var run = new SubscriptionRun(subscription, services, hold);
                await run.RunAsync(Patience, running.Token);
            }
            catch (Exception failure)
            {
                Log.DeliveryInterrupted(services.Logger, failure, subscription.Id);
            }
            finally
            {
                changed.Raise(); // it may have to be started anew
            }
        }
    }

    private async Task EndAsync()
    {
        foreach (var running in _running.Values)
            running.End();
        await Task.WhenAll(_running.Values.Select(running => running.Task));
        try
        {
            if (queues.ArePartitioned)
                await leases.ReleaseAsync([.. _running.Keys.Select(LeaseOf)], _id, CancellationToken.None).WaitAsync(Stay);
        }
        catch (Exception failure)
        {
            Log.SubscriptionsNotRead(services.Logger, failure); // the leases run out by themselves
        }
    }

    private static string LeaseOf(string subscription) => $"subscription:{subscription}";

    private sealed class Running : IDisposable
    {
        private readonly Subscription _subscription;
        private readonly CancellationTokenSource _end;

        public Running(Subscription subscription, Hold hold) =>
            (_subscription, Hold, _end) = (subscription, hold, CancellationTokenSource.CreateLinkedTokenSource(hold.Lost));

        public long Number => _subscription.Run;

        public long Incarnation => _subscription.Incarnation;

        public Hold Hold { get; }

        /// <summary>It is to end.</summary>
        public CancellationToken Token => _end.Token;

        public Task Task { get; set; } = Task.CompletedTask;

        public void End() => _end.Cancel();

        public void Dispose()
        {
            _end.Dispose();
            Hold.Dispose();
        }
    }
}
