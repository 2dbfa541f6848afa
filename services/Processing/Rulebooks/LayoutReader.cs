using System.Collections.Immutable;
using TaggingPipeline.Domain.Rules.Language;
using YamlDotNet.Core;
using YamlDotNet.Core.Tokens;

namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>Works out from the tokens of a YAML text where its lines and words go.</summary>
/// <remarks>For texts that <see cref="YamlReader"/> reads without errors, with LF as line end.</remarks>
internal sealed class LayoutReader
{
    private const int Step = 2;

    private readonly string _text;
    private readonly LineTable _lines;
    private readonly List<Edit> _edits = [];
    private readonly Stack<LayoutFrame> _frames = new();
    private int? _flowLine;
    private int _dashEnd = -1;

    private LayoutReader(string text)
    {
        _text = text;
        _lines = new(text);
    }

    /// <summary>The layout, or null for a text with a form that is not laid out.</summary>
    public static Layout? Read(string text)
    {
        var reader = new LayoutReader(text);
        var scanner = new Scanner(new StringReader(text), skipComments: true);
        while (scanner.MoveNext())
        {
            if (!reader.Take(scanner.Current!))
                return null;
        }

        return new([.. reader._edits], reader._lines.ToLayouts());
    }

    /// <summary>Whether what stands under a key of a rulebook is an expression, or a map of them.</summary>
    public static bool HoldsExpressions(string key) => key is "when" or "value" or "tiers";

    private LayoutFrame? Top => _frames.TryPeek(out var top) ? top : null;

    /// <summary>The column of what stands within the innermost list or map.</summary>
    private int Inner => Top is { } top ? top.Column + (top.Dash ?? 0) + Step : 0;

    private bool Take(Token token)
    {
        var start = (int)token.Start.Index;
        switch (token)
        {
            case BlockMappingStart:
            case BlockSequenceStart:
                _frames.Push(new(Inner, _lines.ColumnOf(start), _frames.Any(frame => HoldsExpressions(frame.Key))));
                break;
            case BlockEnd:
                Top!.Align(_edits);
                _frames.Pop();
                break;
            case BlockEntry:
                TakeDash(start);
                break;
            case YamlDotNet.Core.Tokens.Key:
                if (token.End.Index > token.Start.Index)
                    return false;
                Top!.IsAtKey = true;
                (Top.Dash, Top.ColonEnd) = (null, 0);
                break;
            case YamlDotNet.Core.Tokens.Value:
                TakeColon(start);
                break;
            case FlowMappingStart:
            case FlowSequenceStart:
                TakeFirst(start, Inner);
                _flowLine ??= _lines.LineOf(start);
                _frames.Push(new(0, 0, _frames.Any(frame => HoldsExpressions(frame.Key))) { IsFlow = true });
                break;
            case FlowMappingEnd:
            case FlowSequenceEnd:
                _frames.Pop();
                EndFlow(start);
                break;
            case DocumentStart:
            case DocumentEnd:
                TakeFirst(start, 0);
                break;
            case Scalar scalar when Top is { IsAtKey: true } top:
                TakeKey(top, scalar, start);
                break;
            case Scalar scalar:
                TakeValue(scalar, start);
                break;
            case Anchor or AnchorAlias or Tag or VersionDirective or TagDirective:
                return false;
        }

        return true;
    }

    private void TakeDash(int start)
    {
        var top = Top!;
        // A list may stand in the column of the key above it; then it has no beginning of its own.
        top.Dash = top.IsMap ? Step : null;
        TakeFirst(start, top.Column + (top.Dash ?? 0));
        _dashEnd = start + 1;
    }

    private void TakeKey(LayoutFrame top, Scalar scalar, int start)
    {
        top.IsAtKey = false;
        top.IsMap = true;
        top.Key = scalar.Value;
        TakeFirst(start, top.Column);
        top.KeyEnd = (int)scalar.End.Index;
        top.KeyStart = start;
    }

    private void TakeColon(int start)
    {
        var top = Top!;
        if (top.IsFlow)
            return;
        if (top.KeyEnd < start)
            _edits.Add(new(top.KeyEnd, start, ""));
        top.ColonEnd = start + 1;
    }

    private void TakeValue(Scalar scalar, int start)
    {
        var top = Top;
        TakeFirst(start, Inner);
        var isExpression = top is not null && (top.IsWithinExpressions || HoldsExpressions(top.Key));
        var end = Math.Min((int)scalar.End.Index, _text.Length);
        if (scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded)
        {
            TakeBlock(start, isExpression);
            return;
        }

        end = start + _text[start..end].TrimEnd().Length;
        if (isExpression)
            ScalarFormat.AddEdits(_text, start, end, scalar.Style, _edits);
        if (_flowLine is null)
            _lines.MoveContinuation(_lines.LineOf(start) + 1, _lines.LineOf(end), Inner, isKept: !isExpression);
    }

    /// <summary>Text on lines of its own after <c>|</c> or <c>&gt;</c>.</summary>
    private void TakeBlock(int start, bool isExpression)
    {
        var headLine = _lines.LineOf(start);
        var head = _lines.TextOf(headLine)[_lines.ColumnOf(start)..];
        var indicator = head.Split(' ', 2)[0];
        var own = Top?.OldColumn ?? -1;
        int? indentation = indicator.FirstOrDefault(char.IsAsciiDigit) is var digit and not '\0' ? own + (digit - '0') : null;
        var last = headLine;
        for (var line = headLine + 1; line < _lines.Count; line++)
        {
            if (_lines.IsBlank(line))
                continue;
            var column = _lines.IndentationOf(line);
            indentation ??= column;
            if (column < indentation || column <= own)
                break;
            last = line;
        }

        if (last == headLine)
            return;
        var shift = indicator.Any(char.IsAsciiDigit) ? (Top?.Column ?? 0) - Math.Max(own, 0) : Inner - indentation!.Value;
        if (!isExpression && indicator.Contains('+', StringComparison.Ordinal))
            last = _lines.LastBlankAfter(last);
        _lines.Shift(headLine + 1, last, shift, isKept: !isExpression, indentation!.Value);
        if (isExpression)
            ScalarFormat.AddEdits(_text, _lines.StartOf(headLine + 1) - 1, _lines.EndOf(last), ScalarStyle.Literal, _edits);
    }

    private void EndFlow(int start)
    {
        if (Top is { IsFlow: true } || _flowLine is not { } first)
            return;
        _lines.ShiftWith(first, _lines.LineOf(start));
        _flowLine = null;
    }

    /// <summary>Notes where a token goes that is the first on its line, and takes superfluous blanks before one that is not.</summary>
    private void TakeFirst(int start, int column)
    {
        if (_flowLine is not null)
            return;
        var line = _lines.LineOf(start);
        if (_lines.IsFirst(start))
            _lines.Place(line, column);
        else if (_dashEnd >= 0 && _lines.LineOf(_dashEnd - 1) == line)
            _edits.Add(new(_dashEnd, start, " "));
        if (Top is { IsFlow: false, ColonEnd: > 0 } top && _lines.LineOf(top.ColonEnd - 1) == line)
            top.AddValue(start);
        _dashEnd = -1;
        _lines.Note(line, _frames);
    }
}
