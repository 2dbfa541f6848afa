using System.Text;
using TaggingPipeline.CommandLine.Files;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.CommandLine.Mapping;

/// <summary>A file of events, read once, row by row, with a mapping or as JSON lines in the shape of the contracts.</summary>
internal sealed class EventFile : IDisposable
{
    /// <summary>More cannot be sent together with anything else; the server's own limit for an event is far lower, and its to tell.</summary>
    private const int LargestProperties = 1_000_000;

    private readonly InputFile _file;
    private readonly EventMap? _map;
    private readonly string _mapPath;
    private readonly ContentIds _ids = new();

    private EventFile(InputFile file, EventMap? map, string mapPath)
    {
        _file = file;
        _map = map;
        _mapPath = mapPath;
    }

    /// <summary>Bytes on disk.</summary>
    public long Length => _file.Length;

    /// <summary>Bytes on disk taken in so far.</summary>
    public long Position => _file.Position;

    /// <exception cref="CommandException">The mapping has errors (all are listed), or a file cannot be opened.</exception>
    public static async Task<EventFile> OpenAsync(string path, string? mapPath, CancellationToken cancellationToken)
    {
        EventMap? map = null;
        if (mapPath is not null)
            map = await ReadMapAsync(path, mapPath, cancellationToken);
        else if (FileLayout.FormatOf(path) != FileFormat.JsonLines)
            throw new CommandException($"{path}: give --map: only JSON lines (.jsonl, .ndjson) that are events already can do without a mapping");
        return new(InputFile.Open(path), map, mapPath ?? "");
    }

    /// <summary>What each row became, in the order of the file. May be enumerated once.</summary>
    /// <exception cref="CommandException">While enumerating: the file cannot be read, or has not the columns that the mapping asks for.</exception>
    public IEnumerable<MappedRow> Rows()
    {
        using var text = new StreamReader(
            _file.Content, _map?.Layout.Encoding ?? Encoding.UTF8, detectEncodingFromByteOrderMarks: true, bufferSize: 1 << 16, leaveOpen: true);
        using var rows = Mapped(text).GetEnumerator();
        while (MoveNext(rows))
            yield return Named(rows.Current);
    }

    public void Dispose() => _file.Dispose();

    private static async Task<EventMap> ReadMapAsync(string path, string mapPath, CancellationToken cancellationToken)
    {
        var result = MappingFile.Parse(await InputFile.ReadTextAsync(mapPath, cancellationToken), path);
        return result.Map ?? throw new CommandException(string.Join('\n', result.Errors.Select(error => $"{mapPath}:{error}")));
    }

    private IEnumerable<MappedRow> Mapped(TextReader text)
    {
        if (_map is null)
            return RowReader.ReadJsonLines(text).Select(ShopEventLines.Read);
        return _map.Layout.Format == FileFormat.JsonLines
            ? RowReader.ReadJsonLines(text).Select(_map.Map)
            : RowReader.Read(text, _map.Layout, Choose).Select(_map.Map);
    }

    /// <summary>Checks an event as the server will, and gives one without an id its own.</summary>
    private MappedRow Named(MappedRow row)
    {
        if (row.Event is not { } shopEvent)
            return row;
        var isNameless = shopEvent.EventId.Length == 0 && _map?.Id is null;
        if (EventCheck.Reject(isNameless ? shopEvent with { EventId = "-" } : shopEvent) is { } rejection)
            return MappedRow.Rejected(row.Line, rejection);
        var (properties, problem) = PropertiesOf(shopEvent);
        if (problem is not null)
            return MappedRow.Rejected(row.Line, problem);
        return isNameless ? MappedRow.Of(row.Line, shopEvent with { EventId = _ids.Next(shopEvent, properties) }) : row;
    }

    private static (PropertyBag Properties, Rejection? Problem) PropertiesOf(ShopEvent shopEvent)
    {
        if (shopEvent.Properties is not { } json)
            return (PropertyBag.Empty, null);
        if (json.GetRawText().Length > LargestProperties)
            return (PropertyBag.Empty, new("too-large", $"properties: have more than {LargestProperties} characters"));
        try
        {
            return (ValueJson.ReadObject(json), null);
        }
        catch (InvalidOperationException failure)
        {
            return (PropertyBag.Empty, new("bad-text", $"properties: {failure.Message}"));
        }
    }

    /// <summary>Where in the file's columns each column that the mapping asks for stands.</summary>
    private int[] Choose(IReadOnlyList<string> names)
    {
        var errors = new List<string>();
        var chosen = new int[_map!.Columns.Length];
        foreach (var (number, use) in _map.Columns.Index())
        {
            var found = Enumerable.Range(0, names.Count).Where(i => names[i] == use.Name).ToArray();
            if (found.Length == 1)
                chosen[number] = found[0];
            else
                errors.Add($"{_mapPath}:{use.At}: {Trouble(use.Name, found.Length, names)}");
        }

        return errors.Count == 0 ? chosen : throw new CommandException(string.Join('\n', errors));
    }

    private static string Trouble(string name, int found, IReadOnlyList<string> names) => found > 0
        ? $"the file has {found} columns `{name}`"
        : $"the file has no column `{name}`{Suggestions.DidYouMean(name, names)} (there are {string.Join(", ", names)})";

    private bool MoveNext(IEnumerator<MappedRow> rows)
    {
        try
        {
            return rows.MoveNext();
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException)
        {
            throw new CommandException($"{_file.Path}: cannot be read to its end: {failure.Message}", failure);
        }
    }
}
