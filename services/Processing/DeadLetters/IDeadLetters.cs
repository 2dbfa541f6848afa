namespace TaggingPipeline.Processing.DeadLetters;

/// <summary>Where messages are kept that could not be processed, until somebody redrives or discards them.</summary>
public interface IDeadLetters
{
    /// <summary>The longest body that every store takes.</summary>
    const int MaxBytes = 15 * 1024 * 1024;

    /// <summary>Keeps one; if its id is there already that is fine. Durable when it returns.</summary>
    Task AddAsync(DeadLetter letter, CancellationToken cancellationToken);

    /// <summary>Those that fit, without their bodies, by ascending id after the one given (null: from the first).</summary>
    Task<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterFilter filter, string? after, int limit, CancellationToken cancellationToken);

    /// <summary>How many there are of each queue and reason, by both in the order of UTF-8.</summary>
    Task<IReadOnlyList<DeadLetterGroup>> CountAsync(CancellationToken cancellationToken);

    /// <returns>Null if there is none with that id.</returns>
    Task<DeadLetter?> FindAsync(string id, CancellationToken cancellationToken);

    /// <returns>Whether there was one.</returns>
    Task<bool> RemoveAsync(string id, CancellationToken cancellationToken);
}
