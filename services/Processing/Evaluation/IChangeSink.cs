using TaggingPipeline.Contracts;

namespace TaggingPipeline.Processing.Evaluation;

/// <summary>Where changes are told.</summary>
public interface IChangeSink
{
    /// <summary>Returns when every message is safe with whoever passes it on. At most one message for a customer.</summary>
    /// <exception cref="Exception">It is not known that all of them are safe; telling them again is harmless.</exception>
    Task PublishAsync(IReadOnlyList<TagsChanged> messages, CancellationToken cancellationToken);
}
