using System.Diagnostics;
using NodaTime;
using TaggingPipeline.Processing.Subscriptions;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>Stores how far a subscription has come and what was sent, for as long as nobody has changed it meanwhile.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class Progress
{
    private static readonly TimeSpan LogsAtLeastEvery = TimeSpan.FromSeconds(2);

    private readonly ISubscriptions _subscriptions;
    private readonly WebhookOptions _options;
    private readonly Queue<DeliveryAttempt> _unlogged = [];
    private readonly long _run;
    private Subscription _stored;
    private long _loggedAt;
    private bool _hasFailure;

    public Progress(Subscription started, ISubscriptions subscriptions, WebhookOptions options) =>
        (_stored, _run, _subscriptions, _options) = (started, started.Run, subscriptions, options);

    public void Log(DeliveryAttempt attempt)
    {
        _unlogged.Enqueue(attempt);
        _hasFailure |= attempt.Error is not null;
        if (_unlogged.Count > ISubscriptions.AttemptsKept)
            _unlogged.Dequeue();
    }

    /// <summary>Stores how far it has come, and the log, if there is anything new.</summary>
    /// <remarks>How far it has come is stored also for a subscription that was changed or stopped meanwhile, unless it was moved, or asks for other changes now.</remarks>
    /// <returns>False if the subscription was changed, stopped or removed meanwhile: it is not to be delivered under these terms any more.</returns>
    public async Task<bool> SaveAsync(Reached reached, Instant? failingSince, bool isLast, CancellationToken cancellationToken)
    {
        var logging = LogAsync(isLast, cancellationToken); // both in one commit, where the store can
        var saving = SaveAsync(
            stored => IsStillOurs(stored) ? reached.Noted(stored) with { FailingSince = failingSince } : reached.Noted(stored), cancellationToken);
        await Task.WhenAll(logging, saving);
        return await saving;
    }

    /// <summary>Stops the subscription.</summary>
    public Task StopAsync(SubscriptionState state, string reason, CancellationToken cancellationToken) =>
        SaveAsync(stored => IsStillOurs(stored) ? stored.In(state, reason, _options.Now()) : stored, cancellationToken);

    private bool IsStillOurs(Subscription stored) => stored.State == SubscriptionState.Active && stored.Run == _run;

    private async Task<bool> SaveAsync(Func<Subscription, Subscription> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = change(_stored);
            if (changed == _stored)
                return IsStillOurs(_stored);
            changed = changed with { Version = _stored.Version + 1 };
            if (await _subscriptions.SaveAsync(changed, cancellationToken))
            {
                var isOurs = IsStillOurs(_stored);
                _stored = changed;
                return isOurs;
            }

            var found = await _subscriptions.FindAsync(_stored.Id, cancellationToken);
            if (found is null || found.Incarnation != _stored.Incarnation || found.Moves != _stored.Moves)
                return false;
            _stored = found;
        }
    }

    private async Task LogAsync(bool isLast, CancellationToken cancellationToken)
    {
        if (_unlogged.Count == 0 || (!isLast && !_hasFailure && Stopwatch.GetElapsedTime(_loggedAt) < LogsAtLeastEvery))
            return;
        var attempts = _unlogged.ToArray();
        await _subscriptions.AppendAttemptsAsync(_stored.Id, attempts, cancellationToken);
        _unlogged.Clear(); // nothing is added while it is stored
        (_hasFailure, _loggedAt) = (false, Stopwatch.GetTimestamp());
    }
}
