using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>Lines and columns of a text, as editors count them: from 1, in UTF-16 units; a line ends with LF, CR LF or CR.</summary>
internal sealed class LinePositions
{
    private readonly List<int> _starts = [0];

    public LinePositions(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')))
                _starts.Add(i + 1);
        }
    }

    public SourcePosition this[int offset]
    {
        get
        {
            var found = _starts.BinarySearch(offset);
            var line = found >= 0 ? found : ~found - 1;
            return new(line + 1, offset - _starts[line] + 1);
        }
    }
}
