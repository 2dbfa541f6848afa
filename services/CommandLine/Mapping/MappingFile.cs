using System.Collections.Immutable;
using System.Text;
using NodaTime;
using TaggingPipeline.CommandLine.Files;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Processing.Events;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace TaggingPipeline.CommandLine.Mapping;

/// <summary>A mapping without errors, or all errors and no mapping.</summary>
internal sealed record MappingResult(EventMap? Map, ImmutableArray<MappingError> Errors);

/// <summary>Reads mapping files; what may stand in them is told in docs/import.md.</summary>
internal sealed class MappingFile
{
    private static readonly string[] Keys =
        ["format", "columns", "header", "delimiter", "quotes", "encoding", "customer", "time", "id", "skip", "properties", "events"];

    private readonly List<MappingError> _errors = [];
    private readonly ColumnUses _columns = new();
    private readonly ExpressionReader _expressions;

    private MappingFile() => _expressions = new(_columns, _errors);

    /// <param name="fileName">Name of the file to be mapped: it gives the format where the mapping does not.</param>
    public static MappingResult Parse(string yaml, string fileName)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            var reader = new MappingFile();
            var map = reader.Read(stream.Documents.Count == 0 ? null : stream.Documents[0].RootNode, fileName);
            return reader._errors.Count == 0 ? new(map, []) : new(null, [.. reader._errors.OrderBy(error => (error.At.Line, error.At.Column))]);
        }
        catch (YamlException failure)
        {
            return new(null, [new(YamlSection.PositionOf(failure.Start), $"not YAML: {failure.Message}")]);
        }
    }

    private EventMap? Read(YamlNode? root, string fileName)
    {
        var file = new YamlSection(root, "a mapping", Keys, _errors);
        var layout = ReadLayout(file, fileName);
        Require(file, "customer", "whose event a row is, such as \"{CustomerID}\"");
        Require(file, "time", "when it happened, such as \"{Date}\"");
        Require(file, "events", "the events that rows become");
        var customer = _expressions.Template(file["customer"], "customer");
        var time = file["time"] is { } timeNode ? ReadTime(timeNode) : null;
        var id = _expressions.Template(file["id"], "id");
        var common = ReadProperties(file["properties"]);
        var skip = _expressions.Items(file["skip"], "skip").Select(ReadSkip).OfType<SkipRule>().ToImmutableArray();
        var events = _expressions.Items(file["events"], "events").Select(node => ReadShape(node, common)).OfType<EventShape>().ToImmutableArray();
        if (_errors.Count > 0 || customer is null || time is null || layout is null)
            return null;
        if (events.IsEmpty)
            _errors.Add(new(file.At, "events: expected at least one"));
        return new() { Layout = layout, Columns = _columns.ToImmutable(), Customer = customer, Time = time, Id = id, Skip = skip, Events = events };
    }

    private FileLayout? ReadLayout(YamlSection file, string fileName)
    {
        FileFormat? format = null;
        if (file.Text("format") is { } name)
        {
            format = FileLayout.Formats.TryGetValue(name, out var known) ? known : null;
            if (format is null)
                Fail(file["format"]!, Unknown("format", name, FileLayout.Formats.Keys));
        }
        else if (file["format"] is null)
        {
            format = FileLayout.FormatOf(fileName);
            if (format is null)
                _errors.Add(new(file.At, $"the file's name does not tell the format: give `format`, one of {string.Join(", ", FileLayout.Formats.Keys)}"));
        }

        var columns = file["columns"] is { } node
            ? _expressions.Items(node, "columns").Select(item => (item as YamlScalarNode)?.Value ?? "").ToImmutableArray()
            : default;
        var delimiter = file.Text("delimiter");
        if (delimiter is { Length: not 1 })
            Fail(file["delimiter"]!, "delimiter: expected one character");
        var encoding = file.Text("encoding");
        if (encoding is not (null or "utf-8" or "latin1"))
            Fail(file["encoding"]!, "encoding: expected utf-8 or latin1");
        return format is null ? null : new()
        {
            Format = format.Value,
            ColumnNames = columns,
            HasHeader = file.Flag("header") ?? columns.IsDefault,
            Delimiter = delimiter is { Length: 1 } ? delimiter[0] : format == FileFormat.Tsv ? '\t' : ',',
            HasQuotes = file.Flag("quotes") ?? format == FileFormat.Csv,
            Encoding = encoding == "latin1" ? Encoding.Latin1 : Encoding.UTF8,
        };
    }

    private InstantReading? ReadTime(YamlNode node)
    {
        if (node is YamlScalarNode)
            return _expressions.Template(node, "time") is { } text ? new(text, [InstantPatternChoice.Iso], DateTimeZone.Utc) : null;
        var section = new YamlSection(node, "time", ["text", "column", "pattern", "zone"], _errors);
        var template = section.Text("column") is { } column
            ? new Template([new("", _columns.NumberOf(column, YamlSection.PositionOf(section["column"]!)))])
            : _expressions.Template(section["text"], "time");
        if (section["column"] is null && section["text"] is null)
            _errors.Add(new(section.At, "time: expected `column` or `text`"));
        var zone = DateTimeZone.Utc;
        if (section.Text("zone") is { } id)
        {
            zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(id);
            if (zone is null)
                Fail(section["zone"]!, $"there is no time zone `{id}`{Suggestions.DidYouMean(id, DateTimeZoneProviders.Tzdb.Ids)} (as in Europe/London)");
        }

        var patterns = ReadPatterns(section["pattern"]);
        return template is null || zone is null || patterns.IsEmpty ? null : new(template, patterns, zone);
    }

    private ImmutableArray<InstantPatternChoice> ReadPatterns(YamlNode? node)
    {
        if (node is null)
            return [InstantPatternChoice.Iso];
        var choices = ImmutableArray.CreateBuilder<InstantPatternChoice>();
        foreach (var item in node is YamlScalarNode ? [node] : _expressions.Items(node, "pattern"))
        {
            var (choice, problem) = InstantPatternChoice.Named((item as YamlScalarNode)?.Value ?? "");
            if (choice is not null)
                choices.Add(choice);
            else
                Fail(item, $"pattern: {problem}");
        }

        return choices.ToImmutable();
    }

    private SkipRule? ReadSkip(YamlNode node)
    {
        var section = new YamlSection(node, "a skip rule", ["when", "reason"], _errors);
        if (node is not YamlMappingNode)
            return null;
        Require(section, "when", "which rows are left out");
        var reason = section.Text("reason") ?? $"skip rule on line {section.At.Line}";
        return section["when"] is { } condition && _expressions.Condition(condition) is { } when ? new(when, reason) : null;
    }

    private EventShape? ReadShape(YamlNode node, ImmutableArray<PropertyShape> common)
    {
        var section = new YamlSection(node, "an event", ["when", "name", "kind", "properties"], _errors);
        if (node is not YamlMappingNode)
            return null;
        Require(section, "name", "what happened, such as Order Completed");
        var when = section["when"] is { } condition ? _expressions.Condition(condition) : null;
        var name = _expressions.Template(section["name"], "name");
        var kind = section.Text("kind");
        if (kind is not null && !EventMapping.Kinds.Contains(kind))
            Fail(section["kind"]!, Unknown("kind", kind, EventMapping.Kinds));
        var own = ReadProperties(section["properties"]);
        var properties = common.Where(shared => own.All(property => property.Name != shared.Name)).Concat(own);
        return name is null ? null : new(when, name, kind, [.. properties]);
    }

    private ImmutableArray<PropertyShape> ReadProperties(YamlNode? node)
    {
        if (node is null)
            return [];
        if (node is not YamlMappingNode mapping)
        {
            Fail(node, "properties: expected names with values");
            return [];
        }

        var properties = ImmutableArray.CreateBuilder<PropertyShape>();
        foreach (var (key, value) in mapping.Children)
        {
            if (key is YamlScalarNode { Value: { Length: > 0 } name } && _expressions.Source(value, name) is { } source)
                properties.Add(new(name, source));
        }

        return properties.ToImmutable();
    }

    private static string Unknown(string what, string name, IEnumerable<string> known) =>
        $"there is no {what} `{name}`{Suggestions.DidYouMean(name, known)} (there are {string.Join(", ", known)})";

    private void Require(YamlSection section, string key, string what)
    {
        if (section[key] is null)
            _errors.Add(new(section.At, $"`{key}` is missing: {what}"));
    }

    private void Fail(YamlNode node, string message) => _errors.Add(new(YamlSection.PositionOf(node), message));
}
