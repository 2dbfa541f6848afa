using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using NodaTime;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Subscriptions;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>Delivers one subscription from its position on, until it is stopped or stops itself. It shares nothing with others.</summary>
/// <remarks>
/// One loop decides, and requests report back to it; so nothing here needs a lock. What is stored says what is delivered: what was delivered after it was stored for
/// the last time is sent again, with the same ids.
/// </remarks>
internal sealed class SubscriptionRun : IDisposable
{
    private const int PageSize = 500;

    /// <summary>So often it has to have been tried before it is given up, however long ago an earlier run began to fail.</summary>
    private const int LeastAttempts = 5;

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(2);

    private readonly Subscription _subscription;
    private readonly DeliveryServices _services;
    private readonly Hold _hold;
    private readonly DeliveryRequests _requests;
    private readonly Progress _progress;
    private readonly DeliveryWindow _window;
    private readonly DeliveredBefore _before;
    private readonly FailedDeliveries _failed = new();
    private readonly EndpointHealth _health;
    private readonly ConcurrentQueue<(Delivery Delivery, SendResult Result, Instant SentAt)> _finished = new();
    private readonly SemaphoreSlim _wake = new(0); // never disposed of: the feed may still be about to tell that it has grown
    private readonly CancellationTokenSource _abandon;

    private long _readTo;
    private int _underWay;
    private long _savedAt;
    private int _failuresInARow;
    private Instant? _failingBefore;
    private (SubscriptionState State, string Reason)? _stop;

    /// <param name="hold">Whether this process is still the one to deliver it; once it is lost, nothing is under way any more.</param>
    public SubscriptionRun(Subscription subscription, DeliveryServices services, Hold hold)
    {
        (_subscription, _services, _hold) = (subscription, services, hold);
        _abandon = CancellationTokenSource.CreateLinkedTokenSource(hold.Lost);
        _requests = new(subscription, services, hold);
        _progress = new(subscription, services.Subscriptions, services.Options);
        _window = new(services.Options.Window);
        _before = new(subscription);
        _health = new(services.Options);
        (_readTo, _failingBefore) = (subscription.Position, subscription.FailingSince);
    }

    private WebhookTerms Terms => _subscription.Terms;

    private WebhookOptions Options => _services.Options;

    /// <summary>How many requests may be under way.</summary>
    private int Allowed => _health.IsDown ? 1 : Terms.Concurrency;

    /// <returns>When it has ended, with its progress stored.</returns>
    public async Task RunAsync(TimeSpan patience, CancellationToken stoppingToken)
    {
        _services.Signal.Grown += Wake;
        try
        {
            while (!stoppingToken.IsCancellationRequested && _stop is null)
            {
                try
                {
                    if (!await StepAsync(stoppingToken))
                        return;
                }
                catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
                {
                    Log.DeliveryInterrupted(_services.Logger, failure, _subscription.Id);
                    await Task.Delay(PauseAfterFailure, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to end, while it waited.
        }
        finally
        {
            _services.Signal.Grown -= Wake;
            await EndAsync(patience);
        }
    }

    public void Dispose()
    {
        _requests.Dispose();
        _abandon.Dispose();
    }

    /// <returns>False if somebody else has changed the subscription.</returns>
    private async Task<bool> StepAsync(CancellationToken stoppingToken)
    {
        SettleFinished();
        if (_stop is not null)
            return true;
        var isMore = await FillAsync(stoppingToken);
        if (_window.IsEmpty)
            _failingBefore = null; // what failed came first behind the position: it is not asked for any more
        Dispatch();
        if (!await SaveIfDueAsync(stoppingToken))
            return false;
        if (isMore)
            await Task.Yield(); // a store may answer at once, page after page
        else
            await WaitAsync(stoppingToken);
        return true;
    }

    /// <returns>Whether there is more to read at once.</returns>
    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        // Not one by one while it is nearly full.
        if (_window.Room < Options.Window / 4)
            return false;
        var size = Math.Min(_window.Room, PageSize);
        _readTo = _before.Next(_readTo);
        var page = await _services.Feed.ReadAsync(_readTo, size, cancellationToken);
        foreach (var entry in page)
        {
            if (!_before.Has(entry.Position) && Fits(entry))
                _window.Add(entry);
            _readTo = entry.Position;
        }

        return page.Count == size;
    }

    /// <summary>Whether it is asked for; also if that cannot be told, for then it must not be left out.</summary>
    private bool Fits(FeedEntry entry)
    {
        try
        {
            return Terms.Filter.Fits(entry);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            Log.DeliveryInterrupted(_services.Logger, failure, _subscription.Id);
            return true;
        }
    }

    private void Dispatch()
    {
        var now = Options.Now();
        while (now >= _health.OpensAt && _underWay < Allowed && _hold.Stands() && Next(now) is { } delivery)
        {
            _underWay++;
            delivery.Attempts++;
            _ = DeliverAsync(delivery);
        }
    }

    /// <summary>What is sent next: in an outage what was never sent, so that one change that is refused is not taken for an outage.</summary>
    private Delivery? Next(Instant now) => _health.IsDown
        ? _window.Take(Terms.BatchSize) ?? _failed.Take(now)
        : _failed.Take(now) ?? _window.Take(Terms.BatchSize);

    private async Task DeliverAsync(Delivery delivery)
    {
        var sentAt = Options.Now();
        _finished.Enqueue((delivery, await _requests.SendAsync(delivery, _abandon.Token), sentAt));
        Wake();
    }

    private void SettleFinished()
    {
        while (_finished.TryDequeue(out var finished))
        {
            var (delivery, result, sentAt) = finished;
            _underWay--;
            _progress.Log(new()
            {
                At = sentAt,
                MessageId = delivery.MessageId,
                Changes = [.. delivery.Entries.Select(entry => entry.Id)],
                Position = delivery.Entries[^1].Position,
                Attempt = delivery.Attempts,
                Status = result.Status,
                DurationMilliseconds = result.DurationMilliseconds,
                Error = result.Error,
            });
            if (result.IsSuccess)
                Succeeded(delivery);
            else if (!_abandon.IsCancellationRequested)
                Failed(delivery, result);
        }
    }

    private void Succeeded(Delivery delivery)
    {
        (_failingBefore, _failuresInARow) = (null, 0);
        if (_health.IsDown)
            Log.SubscriberIsBack(_services.Logger, _subscription.Id);
        _health.Succeeded();
        _window.Delivered(delivery);
    }

    private void Failed(Delivery delivery, SendResult result)
    {
        var now = Options.Now();
        _failuresInARow++;
        delivery.FirstFailedAt ??= _failingBefore ?? now;
        var wasDown = _health.IsDown;
        _health.Failed(delivery, now, _underWay, result.RetryAfter);
        if (_health.IsDown && !wasDown)
            Log.SubscriberIsAway(_services.Logger, _subscription.Id, result.Error!);
        foreach (var part in result.IsRefused && !_health.IsDown && delivery.Entries.Count > 1 ? _window.Split(delivery) : [delivery])
        {
            part.FirstFailedAt = delivery.FirstFailedAt;
            _failed.Add(part);
        }

        if (result.IsGone)
            _stop ??= (SubscriptionState.Disabled, "the address answered 410: it is gone for good");
        else if (_failed.FailingSince is { } since && now - since >= Options.GivesUpAfter && Math.Max(delivery.Attempts, _failuresInARow) >= LeastAttempts)
            _stop ??= (SubscriptionState.Parked, $"deliveries have failed since {since}; the last time: {result.Error}");
    }

    private async Task<bool> SaveIfDueAsync(CancellationToken cancellationToken)
    {
        if (_savedAt != 0 && Stopwatch.GetElapsedTime(_savedAt) < Options.Tick)
            return true;
        _savedAt = Stopwatch.GetTimestamp();
        return await _progress.SaveAsync(_before.With(_window, _readTo), _failed.FailingSince ?? _failingBefore, isLast: false, cancellationToken);
    }

    /// <summary>Until something is there to be done: a request has come back, the feed has grown, the time of a failed one has come, or a tick has passed.</summary>
    private async Task WaitAsync(CancellationToken stoppingToken)
    {
        var wait = Options.Tick;
        if (_underWay < Allowed)
        {
            var until = (Instant.Max(_failed.NextAt ?? Instant.MinValue, _health.OpensAt) - Options.Now()).ToTimeSpan();
            wait = until > TimeSpan.Zero && until < wait ? until : wait;
        }

        await _wake.WaitAsync(wait, stoppingToken);
        while (_wake.Wait(0, CancellationToken.None))
        {
            // Everything that came by now is looked at in one step.
        }
    }

    /// <summary>Gives what is under way time to come back, and stores what it came to.</summary>
    private async Task EndAsync(TimeSpan patience)
    {
        _abandon.CancelAfter(patience);
        while (_underWay > 0)
        {
            await _wake.WaitAsync(Options.Tick);
            SettleFinished();
        }

        try
        {
            var stays = await _progress.SaveAsync(_before.With(_window, _readTo), _failed.FailingSince ?? _failingBefore, isLast: true, CancellationToken.None);
            if (stays && _stop is { } stop)
            {
                await _progress.StopAsync(stop.State, stop.Reason, CancellationToken.None);
                Log.SubscriptionStopped(_services.Logger, _subscription.Id, stop.State, stop.Reason);
            }
        }
        catch (Exception failure)
        {
            Log.ProgressNotStored(_services.Logger, failure, _subscription.Id);
        }
    }

    private void Wake() => _wake.Release();
}
