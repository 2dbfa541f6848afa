using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TaggingPipeline.CommandLine.Files;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.CommandLine.Import;

/// <summary>How far an import came, so that the same command continues there after it was interrupted.</summary>
/// <remarks>
/// A small file in the user's state folder, named by the content of file and mapping and by the server's address: another content or another server is
/// another import. It is a shortcut and no more: sending everything again changes nothing either.
/// </remarks>
internal sealed class Checkpoint
{
    private readonly string _path;

    private Checkpoint(string path, Milestone reached)
    {
        _path = path;
        Reached = reached;
    }

    /// <summary>All rows up to this one are safe with the server, or rejected.</summary>
    public Milestone Reached { get; private set; }

    public static async Task<Checkpoint> OpenAsync(string stateFolder, string file, string? map, Uri url, CancellationToken cancellationToken)
    {
        using var identity = new MemoryStream();
        identity.Write(await InputFile.HashAsync(file, cancellationToken));
        identity.Write(map is null ? new byte[SHA256.HashSizeInBytes] : await InputFile.HashAsync(map, cancellationToken));
        identity.Write(Encoding.UTF8.GetBytes(url.AbsoluteUri));
        var name = Convert.ToHexStringLower(SHA256.HashData(identity.ToArray()))[..32];
        var path = Path.Combine(stateFolder, "imports", $"{name}.json");
        return new(path, await ReadAsync(path, cancellationToken));
    }

    /// <summary>Notes how far the import came. Atomic: a crash leaves the old one or the new one.</summary>
    public void Advance(Milestone reached)
    {
        Reached = reached;
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        var written = _path + ".new";
        File.WriteAllBytes(written, JsonSerializer.SerializeToUtf8Bytes(reached, ContractsJson.Options));
        File.Move(written, _path, overwrite: true);
    }

    /// <summary>The import is done, or starts again from the beginning.</summary>
    public void Clear()
    {
        Reached = Milestone.None;
        if (File.Exists(_path))
            File.Delete(_path);
    }

    private static async Task<Milestone> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            return Milestone.None;
        try
        {
            return JsonSerializer.Deserialize<Milestone>(await File.ReadAllBytesAsync(path, cancellationToken), ContractsJson.Options) ?? Milestone.None;
        }
        catch (JsonException)
        {
            // Damaged: starting from the beginning is always right.
            return Milestone.None;
        }
    }
}

/// <summary>How far an import came.</summary>
/// <param name="Rows">Rows read, from the first.</param>
/// <param name="Line">The line of the last of them.</param>
/// <param name="Rejected">How many of them were rejected.</param>
internal sealed record Milestone(long Rows, long Line, long Rejected)
{
    public static Milestone None { get; } = new(0, 0, 0);
}
