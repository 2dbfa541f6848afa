namespace TaggingPipeline.Processing;

/// <summary>The store cannot be used: its address is wrong, it is not such a store, a newer version of the software wrote it, or what became of a write is not known.</summary>
/// <remarks>The message says what is wrong, for whoever configured it.</remarks>
public sealed class StorageException : Exception
{
    public StorageException()
    {
    }

    public StorageException(string message)
        : base(message)
    {
    }

    public StorageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
