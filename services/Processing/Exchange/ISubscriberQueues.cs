using System.Collections.Immutable;

namespace TaggingPipeline.Processing.Exchange;

/// <summary>A queue of a subscriber that was declared over the API.</summary>
/// <param name="Bindings">Patterns of routing keys. While a change of them is under way, both the old and the new ones.</param>
public sealed record QueueDeclaration(string Name, ImmutableArray<string> Bindings)
{
    public bool Equals(QueueDeclaration? other) => other is not null && Name == other.Name && Bindings.SequenceEqual(other.Bindings);

    public override int GetHashCode() => HashCode.Combine(Name, Bindings.Length);
}

/// <summary>Which queues were declared over the API: a broker does not tell which bindings it has.</summary>
public interface ISubscriberQueues
{
    /// <summary>All of them, by ascending name in the order of UTF-8.</summary>
    Task<IReadOnlyList<QueueDeclaration>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Keeps it, in the place of one of the same name.</summary>
    Task SaveAsync(QueueDeclaration queue, CancellationToken cancellationToken);

    /// <returns>Whether there was one.</returns>
    Task<bool> RemoveAsync(string name, CancellationToken cancellationToken);
}
