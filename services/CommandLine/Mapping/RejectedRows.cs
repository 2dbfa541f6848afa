using System.Globalization;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.CommandLine.Mapping;

/// <summary>Counts the rows of a file that cannot be used, and keeps the first reasons to tell.</summary>
internal sealed class RejectedRows
{
    private const int TellAtMost = 10;

    private readonly List<(long Line, Rejection Rejection)> _first = [];

    public long Count { get; private set; }

    public void Add(long line, Rejection rejection)
    {
        Count++;
        if (_first.Count < TellAtMost)
            _first.Add((line, rejection));
    }

    /// <summary>Writes the first reasons as <c>file:line: code: reason</c>.</summary>
    public void Tell(TextWriter error, string path)
    {
        foreach (var (line, rejection) in _first.OrderBy(rejected => rejected.Line))
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}:{line}: {rejection.Code}: {rejection.Reason}"));
        if (Count > _first.Count)
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: {Count - _first.Count} more rows were rejected"));
    }
}
