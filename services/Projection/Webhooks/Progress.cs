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

    /// <summary>Stores position and log if there is anything new.</summary>
    /// <returns>False if the subscription was changed, stopped or removed meanwhile: it is not to be delivered under these terms any more.</returns>
    public async Task<bool> SaveAsync(long position, Instant? failingSince, bool isLast, CancellationToken cancellationToken)
    {
        var logging = LogAsync(isLast, cancellationToken); // both in one commit, where the store can
        var saving = SaveAsync(
            stored => stored with { Position = Math.Max(stored.Position, position), FailingSince = failingSince }, cancellationToken);
        await Task.WhenAll(logging, saving);
        return await saving;
    }

    /// <summary>Stops the subscription.</summary>
    public Task StopAsync(SubscriptionState state, string reason, CancellationToken cancellationToken) =>
        SaveAsync(stored => stored.In(state, reason, _options.Now()), cancellationToken);

    private async Task<bool> SaveAsync(Func<Subscription, Subscription> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = change(_stored);
            if (changed == _stored)
                return true;
            changed = changed with { Version = _stored.Version + 1 };
            if (await _subscriptions.SaveAsync(changed, cancellationToken))
            {
                _stored = changed;
                return true;
            }

            var found = await _subscriptions.FindAsync(_stored.Id, cancellationToken);
            if (found is not { State: SubscriptionState.Active } || found.Run != _run || found.Incarnation != _stored.Incarnation)
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
