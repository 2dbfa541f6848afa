using System.Collections.Immutable;
using TaggingPipeline.Domain.Rules;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>Reads the part of YAML that rulebooks use: one document of maps, lists and text.</summary>
/// <remarks>
/// Anchors, aliases and tags are refused: a rulebook does not need them, and aliases let a small file stand for an endless one. The text
/// is read event by event, so that every node knows its place and nothing is built from what is refused.
/// </remarks>
internal sealed class YamlReader
{
    private const int DeepestRulebook = 8;
    private const string NotYaml = "this is not valid YAML: ";

    private readonly string _text;
    private readonly LinePositions _positions;
    private readonly List<RulebookError> _errors;
    private readonly Parser _parser;
    private readonly int _deepest;
    private ParsingEvent? _current;
    private bool _isStopped;

    private YamlReader(string text, List<RulebookError> errors, int deepest)
    {
        _text = text;
        _positions = new(text);
        _errors = errors;
        _deepest = deepest;
        _parser = new(new Scanner(new StringReader(text), skipComments: true));
    }

    /// <summary>The file's only document; null if there is none or it is no YAML, which is then reported.</summary>
    /// <param name="what">What the file holds, for messages.</param>
    /// <param name="deepest">How many lists and maps may enclose each other.</param>
    public static YamlNode? Read(string text, List<RulebookError> errors, string what = "rulebook", int deepest = DeepestRulebook)
    {
        var reader = new YamlReader(text, errors, deepest);
        if (!reader.Advance() || !reader.Advance())
            return null;
        if (reader._current is StreamEnd)
        {
            reader.Report(0, $"the file is empty: expected a {what}");
            return null;
        }

        reader.Advance();
        var root = reader.ReadNode(depth: 0);
        if (reader._current is DocumentEnd && reader.Advance() && reader._current is DocumentStart next)
            reader.Report(Offset(next.Start), $"a second document starts here: expected one {what} a file");
        return reader._current is null ? null : root;
    }

    private string TooDeep => $"nested too deeply: expected at most {_deepest} levels";

    private YamlNode ReadNode(int depth)
    {
        var node = _current;
        if (node is null)
            return new YamlUnusable(default);
        var start = Offset(node.Start);
        if (node is AnchorAlias)
            return Refuse(start, "a YAML alias (`*…`) is not allowed here: write out what it stands for, or put text that starts with `*` in quotes");
        if (node is NodeEvent { Anchor.IsEmpty: false })
            return Refuse(start, "a YAML anchor (`&…`) is not allowed here: put text that starts with `&` in quotes");
        if (node is NodeEvent { Tag.IsEmpty: false })
            return Refuse(start, "a YAML tag (`!…`) is not allowed here: write `not` for `!`, or put text that starts with `!` in quotes");
        if (depth > _deepest)
            return Stop(start, TooDeep);
        switch (node)
        {
            case Scalar scalar:
                Advance();
                return new YamlScalar(
                    ScalarText.AsRead(scalar, _text, _positions), ScalarText.AsWritten(scalar, _text, _positions),
                    scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null", scalar.Style == ScalarStyle.Plain);
            case SequenceStart:
                return ReadSequence(start, depth);
            case MappingStart map:
                return ReadMapping(map, start, depth);
            default:
                // The library ends a map between a key and its value where the key is empty (`- : x`).
                return Stop(start, $"{NotYaml}a key or value is missing before this");
        }
    }

    private YamlSequence ReadSequence(int start, int depth)
    {
        var items = ImmutableArray.CreateBuilder<YamlNode>();
        Advance();
        while (_current is not (null or SequenceEnd))
            items.Add(ReadNode(depth + 1));
        Advance();
        return new(_positions[start], items.ToImmutable());
    }

    private YamlMapping ReadMapping(MappingStart map, int start, int depth)
    {
        var entries = ImmutableArray.CreateBuilder<(YamlScalar, YamlNode)>();
        Advance();
        while (_current is not (null or MappingEnd))
        {
            var key = ReadNode(depth + 1);
            if (_current is null)
                break;
            var value = ReadNode(depth + 1);
            if (key is YamlScalar name)
                entries.Add((name, value));
            else if (key is not YamlUnusable)
                _errors.Add(new(key.At, "file", $"{key.Description} is no key: expected a name"));
        }

        Advance();
        return new(_positions[start], map.Style == MappingStyle.Flow, entries.ToImmutable());
    }

    /// <summary>Reports a node and skips it with all that is in it.</summary>
    private YamlUnusable Refuse(int start, string message)
    {
        Report(start, message);
        var open = 0;
        do
        {
            open += _current!.NestingIncrease;
            if (open > _deepest)
                return Stop(Offset(_current.Start), TooDeep);
            Advance();
        }
        while (open > 0 && _current is not null);
        return new(_positions[start]);
    }

    /// <summary>Reports something after which the rest is not read. What is nested without end would take the library time without end.</summary>
    private YamlUnusable Stop(int start, string message)
    {
        (_isStopped, _current) = (true, null);
        Report(start, message);
        return new(_positions[Math.Min(start, _text.Length)]);
    }

    /// <summary>Goes to the next event; to none, for good, after reporting that the text is no YAML.</summary>
    private bool Advance()
    {
        var before = _current;
        _current = null;
        if (_isStopped)
            return false;
        try
        {
            _current = _parser.MoveNext() ? _parser.Current : null;
        }
        catch (YamlException exception)
        {
            Stop(exception);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            // What the library throws for a bracket that nothing closes, and for escapes of characters that do not exist.
            Stop(before is null ? 0 : Offset(before.End), $"{NotYaml}a bracket, a brace or an escape after this is wrong");
        }

        return _current is not null;
    }

    private void Stop(YamlException exception)
    {
        var start = Math.Min(Offset(exception.Start), _text.Length);
        var problem = exception.Message.TrimEnd('.');
        problem = $"{NotYaml}{char.ToLowerInvariant(problem[0])}{problem[1..]}";

        // A tab is reported where the value before it starts.
        var tab = problem.Contains("a tab", StringComparison.Ordinal) ? _text.IndexOf('\t', start) : -1;
        if (tab >= 0)
            Stop(tab, $"{problem}; lines are indented with blanks");
        else
            Stop(start, $"{problem}; text that holds `: ` or ` #`, or of which a part only is in quotes, stands in quotes as a whole or on a line of its own after `|`");
    }

    private void Report(int offset, string message) => _errors.Add(new(_positions[Math.Min(offset, _text.Length)], "file", message));

    private static int Offset(Mark mark) => (int)mark.Index;
}
