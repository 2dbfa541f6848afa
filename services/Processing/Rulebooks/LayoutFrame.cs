namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>A list or map that is open while a file is laid out.</summary>
/// <param name="column">Where its keys or dashes go.</param>
/// <param name="oldColumn">Where they stand.</param>
internal sealed class LayoutFrame(int column, int oldColumn, bool isWithinExpressions)
{
    private readonly List<(int KeyStart, int Width, int ColonEnd, int ValueStart)> _values = [];

    public int Column => column;

    public int OldColumn => oldColumn;

    /// <summary>Whether what encloses it holds expressions.</summary>
    public bool IsWithinExpressions => isWithinExpressions;

    public bool IsFlow { get; init; }

    /// <summary>Whether keys have been seen.</summary>
    public bool IsMap { get; set; }

    public bool IsAtKey { get; set; }

    /// <summary>The key whose value is read; empty before the first, and in lists.</summary>
    public string Key { get; set; } = "";

    public int KeyStart { get; set; }

    public int KeyEnd { get; set; }

    public int ColonEnd { get; set; }

    /// <summary>How far the dashes of a list stand in, which is a value of this map and begins in its column.</summary>
    public int? Dash { get; set; }

    /// <summary>Notes a value that stands on the line of its key.</summary>
    public void AddValue(int start)
    {
        if (_values.Count == 0 || _values[^1].ColonEnd != ColonEnd)
            _values.Add((KeyStart, KeyEnd + 1 - KeyStart, ColonEnd, start));
    }

    /// <summary>One blank before each value; values that stand below each other go on doing so.</summary>
    public void Align(List<Edit> edits)
    {
        var isAligned = _values.Count > 1
            && _values.Select(value => value.ValueStart - value.KeyStart).Distinct().Count() == 1
            && _values.Select(value => value.Width).Distinct().Count() > 1;
        var widest = isAligned ? _values.Max(value => value.Width) : 0;
        foreach (var (_, width, colonEnd, valueStart) in _values)
        {
            var blanks = isAligned ? widest - width + 1 : 1;
            if (valueStart - colonEnd != blanks)
                edits.Add(new(colonEnd, valueStart, new(' ', blanks)));
        }
    }
}
