namespace TaggingPipeline.Storage.Sqlite;

/// <summary>The store's file cannot be used: its path is wrong, it is not such a store, or a newer version of the software wrote it.</summary>
/// <remarks>The message names the file and what is wrong, for whoever configured it.</remarks>
public sealed class SqliteStorageException : Exception
{
    public SqliteStorageException()
    {
    }

    public SqliteStorageException(string message)
        : base(message)
    {
    }

    public SqliteStorageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
