namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>Sends a message that could not be processed to its queue again, as it was.</summary>
public interface IResubmission
{
    /// <summary>Returns when it is safe, as <see cref="ISafeSender"/> means it.</summary>
    /// <exception cref="Exception">It is not known to be safe, and may be; sending it again is harmless.</exception>
    Task SendAsync(string queue, string? contentType, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);
}
