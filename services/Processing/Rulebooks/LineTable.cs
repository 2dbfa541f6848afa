using System.Collections.Immutable;

namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>The lines of a text, and where they are to go.</summary>
/// <remarks>Lines of which nothing is said are comments or empty. A comment goes along with the line below it, or with what it stands under.</remarks>
internal sealed class LineTable
{
    private readonly string[] _lines;
    private readonly int[] _starts;
    private readonly LineLayout?[] _layouts;
    private readonly (int Old, int New)[]?[] _levels;

    public LineTable(string text)
    {
        _lines = text.Split('\n');
        _starts = new int[_lines.Length];
        for (var i = 1; i < _lines.Length; i++)
            _starts[i] = _starts[i - 1] + _lines[i - 1].Length + 1;
        _layouts = new LineLayout?[_lines.Length];
        _levels = new (int, int)[]?[_lines.Length];
    }

    public int Count => _lines.Length;

    public int LineOf(int offset)
    {
        var found = Array.BinarySearch(_starts, offset);
        return found >= 0 ? found : ~found - 1;
    }

    public int ColumnOf(int offset) => offset - _starts[LineOf(offset)];

    public int StartOf(int line) => _starts[line];

    public int EndOf(int line) => _starts[line] + _lines[line].Length;

    public string TextOf(int line) => _lines[line];

    public bool IsBlank(int line) => string.IsNullOrWhiteSpace(_lines[line]);

    public int IndentationOf(int line) => _lines[line].Length - _lines[line].TrimStart(' ').Length;

    public bool IsFirst(int offset) => ColumnOf(offset) == IndentationOf(LineOf(offset));

    /// <summary>The last of the empty lines after a line; the line itself if there is none.</summary>
    public int LastBlankAfter(int line)
    {
        while (line + 1 < Count && IsBlank(line + 1))
            line++;
        return line;
    }

    public void Place(int line, int column) => _layouts[line] ??= new(column);

    public void Shift(int first, int last, int shift, bool isKept, int blankWithin)
    {
        for (var line = first; line <= last; line++)
            _layouts[line] = new(null, shift, isKept, blankWithin);
    }

    /// <summary>Moves lines as far as the line before them goes.</summary>
    public void ShiftWith(int before, int last) =>
        Shift(before + 1, last, (_layouts[before]?.Indentation ?? IndentationOf(before)) - IndentationOf(before), isKept: false, int.MaxValue);

    /// <summary>Moves the further lines of a text so that those furthest left stand in a column.</summary>
    /// <param name="isKept">Whether empty lines among them mean something.</param>
    public void MoveContinuation(int first, int last, int column, bool isKept)
    {
        if (first > last)
            return;
        var leftmost = Enumerable.Range(first, last - first + 1).Where(line => !IsBlank(line)).Min(IndentationOf);
        Shift(first, last, column - leftmost, isKept, int.MaxValue);
        if (isKept)
            _layouts[last] = _layouts[last]!.Value with { IsKept = false };
    }

    /// <summary>Notes in which lists and maps a line stands, for comments below it.</summary>
    public void Note(int line, IEnumerable<LayoutFrame> frames) =>
        _levels[line] = [.. frames.Where(frame => !frame.IsFlow).Reverse().SelectMany(LevelsOf)];

    public ImmutableArray<LineLayout> ToLayouts()
    {
        var (oldNext, newNext) = (0, 0);
        for (var line = Count - 1; line >= 0; line--)
        {
            if (_layouts[line] is { Indentation: { } column })
                (oldNext, newNext) = (IndentationOf(line), column);
            else if (_layouts[line] is null && !IsBlank(line))
                _layouts[line] = new(ColumnOfComment(line, oldNext, newNext));
        }

        return [.. _layouts.Select(layout => layout ?? new(0))];
    }

    /// <summary>Where a comment goes: with what follows, unless it stands further in, and so belongs to what comes before it.</summary>
    private int ColumnOfComment(int line, int oldNext, int newNext)
    {
        var column = IndentationOf(line);
        var above = line - 1;
        while (above >= 0 && _levels[above] is null)
            above--;
        if (column <= oldNext || above < 0)
            return newNext;
        return Math.Max(newNext, _levels[above]!.Where(level => level.Old <= column).Select(level => level.New).LastOrDefault());
    }

    private static IEnumerable<(int Old, int New)> LevelsOf(LayoutFrame frame)
    {
        yield return (frame.OldColumn, frame.Column);
        if (frame.Dash is { } dash)
            yield return (frame.OldColumn, frame.Column + dash);
    }
}
