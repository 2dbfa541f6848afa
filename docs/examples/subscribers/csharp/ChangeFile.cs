using System.Text;
using System.Text.Json;

namespace TaggingPipeline.ExampleSubscriber;

/// <summary>Changes as lines of JSON, each once.</summary>
public sealed class ChangeFile : IDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly FileStream _file;

    /// <summary>Goes on where a former run ended; a last line that it could not finish is cut off.</summary>
    public ChangeFile(string path)
    {
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        using var reader = new StreamReader(_file, new UTF8Encoding(false), leaveOpen: true);
        var text = reader.ReadToEnd();
        var whole = text[..(text.LastIndexOf('\n') + 1)];
        foreach (var line in whole.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            _seen.Add(JsonSerializer.Deserialize<Change>(line, JsonSerializerOptions.Web)!.Id);
        _file.SetLength(Encoding.UTF8.GetByteCount(whole));
        _file.Seek(0, SeekOrigin.End);
    }

    /// <summary>Returns when the change is on the disk.</summary>
    public void Keep(Change change)
    {
        lock (_gate)
        {
            if (_seen.Contains(change.Id))
                return;
            _file.Write(JsonSerializer.SerializeToUtf8Bytes(change, JsonSerializerOptions.Web));
            _file.Write("\n"u8);
            _file.Flush(flushToDisk: true);
            _seen.Add(change.Id);
        }
    }

    public void Dispose() => _file.Dispose();
}
