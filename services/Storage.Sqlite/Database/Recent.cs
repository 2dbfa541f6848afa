using System.Diagnostics.CodeAnalysis;

namespace TaggingPipeline.Storage.Sqlite.Database;

/// <summary>What was saved or read lately, so that what still stands need not be read and decoded again.</summary>
/// <remarks>
/// It never answers for the file: whoever asks reads there which version stands. Of two generations the elder is dropped when the younger has half of
/// the bytes; what is asked for moves to the younger. Safe for concurrent use.
/// </remarks>
/// <param name="mostBytes">Of what is kept, as it is encoded; in memory it takes some times that.</param>
internal sealed class Recent<T>(long mostBytes)
    where T : class
{
    /// <summary>What each takes beyond its bytes.</summary>
    private const int Overhead = 500;

    private readonly Lock _gate = new();
    private Dictionary<string, (T Item, int Bytes)> _younger = new(StringComparer.Ordinal);
    private Dictionary<string, (T Item, int Bytes)> _elder = new(StringComparer.Ordinal);
    private long _bytes;

    public bool TryFind(string id, [NotNullWhen(true)] out T? item)
    {
        lock (_gate)
        {
            if (_younger.TryGetValue(id, out var found))
                item = found.Item;
            else if (_elder.Remove(id, out found))
                Put(id, item = found.Item, found.Bytes);
            else
                item = null;
            return item is not null;
        }
    }

    /// <summary>Keeps it in the place of what was kept under that id.</summary>
    public void Keep(string id, T item, int bytes)
    {
        lock (_gate)
        {
            _elder.Remove(id);
            Put(id, item, bytes + Overhead);
        }
    }

    private void Put(string id, T item, int bytes)
    {
        if (_younger.TryGetValue(id, out var before))
            _bytes -= before.Bytes;
        _younger[id] = (item, bytes);
        _bytes += bytes;
        if (_bytes <= mostBytes / 2)
            return;
        (_elder, _younger, _bytes) = (_younger, _elder, 0);
        _younger.Clear();
    }
}
