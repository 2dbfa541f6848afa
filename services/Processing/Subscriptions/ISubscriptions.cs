namespace TaggingPipeline.Processing.Subscriptions;

/// <summary>Where subscriptions are kept, with the log of what was sent to them.</summary>
public interface ISubscriptions
{
    /// <summary>How many attempts of a subscription are kept at least; older ones go, not always at once.</summary>
    const int AttemptsKept = 1000;

    /// <summary>All of them, by ascending id in the order of UTF-8.</summary>
    Task<IReadOnlyList<Subscription>> ListAsync(CancellationToken cancellationToken);

    /// <returns>Null if there is none with that id.</returns>
    Task<Subscription?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>Saves a subscription if the stored one is of the same incarnation and has the version before its own; none is stored before version 1.</summary>
    /// <returns>Whether it was saved.</returns>
    Task<bool> SaveAsync(Subscription subscription, CancellationToken cancellationToken);

    /// <summary>Removes a subscription with its log.</summary>
    /// <returns>Whether there was one.</returns>
    Task<bool> RemoveAsync(string id, CancellationToken cancellationToken);

    /// <summary>Adds to a subscription's log; nothing if there is no such subscription.</summary>
    /// <param name="attempts">In the order in which they ended.</param>
    Task AppendAttemptsAsync(string id, IReadOnlyList<DeliveryAttempt> attempts, CancellationToken cancellationToken);

    /// <summary>A subscription's log, the newest first, <see cref="AttemptsKept"/> at most.</summary>
    Task<IReadOnlyList<DeliveryAttempt>> ReadAttemptsAsync(string id, CancellationToken cancellationToken);
}
