using System.IO.Compression;
using System.Security.Cryptography;

namespace TaggingPipeline.CommandLine.Files;

/// <summary>A file read once from its beginning to its end. Gzip is recognised by its content, whatever the name says.</summary>
internal sealed class InputFile : IDisposable
{
    private const int BufferSize = 1 << 16;

    private readonly FileStream _file;

    private InputFile(string path, FileStream file, Stream content)
    {
        Path = path;
        _file = file;
        Content = content;
    }

    public string Path { get; }

    /// <summary>The content, unpacked.</summary>
    public Stream Content { get; }

    /// <summary>Bytes on disk.</summary>
    public long Length => _file.Length;

    /// <summary>How many bytes on disk were taken in so far; with <see cref="Length"/> it tells how far reading has come.</summary>
    public long Position => _file.Position;

    /// <exception cref="CommandException">It cannot be opened.</exception>
    public static InputFile Open(string path)
    {
        var file = OpenForReading(path);
        try
        {
            var isGzip = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
            file.Position = 0;
            return new(path, file, isGzip ? new GZipStream(file, CompressionMode.Decompress) : file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The whole text of a small file, such as a mapping or a rulebook.</summary>
    /// <exception cref="CommandException">It cannot be read.</exception>
    public static async Task<string> ReadTextAsync(string path, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(OpenForReading(path));
        return await reader.ReadToEndAsync(cancellationToken);
    }

    /// <summary>SHA-256 of the bytes on disk: the same content is the same file wherever it lies.</summary>
    public static async Task<byte[]> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = OpenForReading(path);
        return await SHA256.HashDataAsync(file, cancellationToken);
    }

    /// <summary>What to tell about a file that cannot be opened.</summary>
    public static CommandException CannotBeOpened(string path, Exception failure) =>
        new($"{path}: {(failure is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : failure.Message)}", failure);

    public void Dispose()
    {
        Content.Dispose();
        _file.Dispose();
    }

    private static FileStream OpenForReading(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.SequentialScan);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw CannotBeOpened(path, failure);
        }
    }
}
