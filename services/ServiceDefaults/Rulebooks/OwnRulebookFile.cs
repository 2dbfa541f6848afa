namespace TaggingPipeline.ServiceDefaults.Rulebooks;

/// <summary>The rulebook file that this process was given.</summary>
internal sealed class OwnRulebookFile(string path)
{
    private volatile byte[]? _seen;

    public string Path => path;

    /// <summary>The content that was published, refused or found in force last; null before the first.</summary>
    public byte[]? Seen
    {
        get => _seen;
        set => _seen = value;
    }

    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public Task<byte[]> ReadAsync(CancellationToken cancellationToken) => File.ReadAllBytesAsync(path, cancellationToken);
}
