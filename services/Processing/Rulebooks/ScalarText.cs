using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using TaggingPipeline.Domain.Rules;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>Finds where every character of a YAML value stands in the file.</summary>
/// <remarks>
/// The YAML library tells where a value starts and ends. In between, YAML folds lines, takes indentation away and knows escapes; this
/// goes through the file's characters once more and notes where each one comes from.
/// </remarks>
internal sealed class ScalarText
{
    private readonly string _file;
    private readonly StringBuilder _text = new();
    private readonly List<int> _offsets = [];

    private ScalarText(string file) => _file = file;

    /// <summary>What the value says, as YAML reads it.</summary>
    public static SourceText AsRead(Scalar scalar, string file, LinePositions positions) => new(scalar.Value, positions[ContentStart(scalar, file)]);

    /// <summary>
    /// The value with the file's line breaks kept where YAML would fold them into blanks. For the few forms that are not followed here (escapes
    /// that no rulebook needs) the value as read, whose positions are those of a value on one line.
    /// </summary>
    public static SourceText AsWritten(Scalar scalar, string file, LinePositions positions)
    {
        var written = new ScalarText(file);
        var (start, end) = ((int)scalar.Start.Index, Math.Min((int)scalar.End.Index, file.Length));
        var isFollowed = scalar.Style switch
        {
            ScalarStyle.Plain => written.AddPlain(start, end),
            ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted => written.AddQuoted(start + 1, end - 1, scalar.Style),
            _ => written.AddBlock(start, end),
        };
        return isFollowed && HaveSameWords(written._text.ToString(), scalar.Value) && written._offsets.Count > 0
            ? written.ToSourceText(positions)
            : AsRead(scalar, file, positions);
    }

    private static int ContentStart(Scalar scalar, string file)
    {
        var start = (int)scalar.Start.Index;
        return scalar.Style switch
        {
            ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted => start + 1,
            ScalarStyle.Literal or ScalarStyle.Folded => SkipBlanks(file, LineEnd(file, start)),
            _ => Math.Min(start, file.Length),
        };
    }

    private bool AddPlain(int start, int end)
    {
        while (start < end)
        {
            var lineEnd = Math.Min(LineEnd(_file, start), end);
            AddLine(start, lineEnd);
            start = SkipIndentation(SkipLineBreak(lineEnd), end);
        }

        RemoveTrailingBlanks();
        return true;
    }

    private bool AddBlock(int start, int end)
    {
        start = SkipLineBreak(LineEnd(_file, start));
        int? indentation = null;
        while (start < end)
        {
            var lineEnd = Math.Min(LineEnd(_file, start), end);
            var textStart = SkipIndentation(start, lineEnd);
            if (textStart < lineEnd)
                indentation ??= textStart - start;
            AddLine(Math.Min(textStart, start + (indentation ?? 0)), lineEnd);
            start = SkipLineBreak(lineEnd);
        }

        RemoveTrailingBlanks();
        return true;
    }

    private bool AddQuoted(int start, int end, ScalarStyle style)
    {
        var at = start;
        while (at < end)
        {
            var character = _file[at];
            if (character is '\r' or '\n')
            {
                while (_text.Length > 0 && _text[^1] is ' ' or '\t')
                    Remove();
                Add('\n', at);
                at = SkipIndentation(SkipLineBreak(at), end);
            }
            else if (style == ScalarStyle.SingleQuoted && character == '\'')
            {
                Add(character, at);
                at += 2;
            }
            else if (style == ScalarStyle.DoubleQuoted && character == '\\')
            {
                if (at + 1 >= end || !TryUnescape(at + 1, out var unescaped, out var length))
                    return false;
                Add(unescaped, at);
                at += 1 + length;
            }
            else
            {
                Add(character, at++);
            }
        }

        return true;
    }

    private bool TryUnescape(int at, out char unescaped, out int length)
    {
        length = _file[at] switch { 'u' => 5, 'x' => 3, _ => 1 };
        unescaped = _file[at] switch { '"' or '\\' or '/' or ' ' => _file[at], 'n' => '\n', 't' => '\t', _ => '\0' };
        if (length == 1 || at + length > _file.Length)
            return unescaped != '\0';
        var isHexadecimal = ushort.TryParse(_file.AsSpan(at + 1, length - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit);
        unescaped = (char)unit;
        return isHexadecimal;
    }

    private void AddLine(int start, int end)
    {
        for (var i = start; i < end; i++)
            Add(_file[i], i);
        Add('\n', end);
    }

    private void Add(char character, int offset)
    {
        _text.Append(character);
        _offsets.Add(offset);
    }

    private void Remove()
    {
        _text.Length--;
        _offsets.RemoveAt(_offsets.Count - 1);
    }

    private void RemoveTrailingBlanks()
    {
        while (_text.Length > 0 && char.IsWhiteSpace(_text[^1]))
            Remove();
    }

    private SourceText ToSourceText(LinePositions positions)
    {
        var text = _text.ToString();
        var lineStarts = ImmutableArray.CreateBuilder<SourcePosition>();
        var escapes = ImmutableArray.CreateBuilder<int>();
        for (var i = 1; i < _offsets.Count; i++)
        {
            var more = _offsets[i] - _offsets[i - 1] - 1;
            if (text[i - 1] == '\n')
                lineStarts.Add(positions[_offsets[i]]);
            else if (more > 0)
                escapes.AddRange(Enumerable.Repeat(i, more));
        }

        return new(text, positions[_offsets[0]], lineStarts.ToImmutable()) { Escapes = escapes.ToImmutable() };
    }

    /// <summary>Whether two texts are the same but for the blanks between words.</summary>
    private static bool HaveSameWords(ReadOnlySpan<char> one, ReadOnlySpan<char> other)
    {
        while (true)
        {
            one = one.TrimStart();
            other = other.TrimStart();
            if (one.IsEmpty || other.IsEmpty)
                return one.IsEmpty && other.IsEmpty;
            var word = WordLength(one);
            if (word != WordLength(other) || !one[..word].SequenceEqual(other[..word]))
                return false;
            one = one[word..];
            other = other[word..];
        }
    }

    private static int WordLength(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && !char.IsWhiteSpace(text[length]))
            length++;
        return length;
    }

    private static int LineEnd(string text, int at)
    {
        var end = text.AsSpan(Math.Min(at, text.Length)).IndexOfAny('\r', '\n');
        return end < 0 ? text.Length : at + end;
    }

    private static int SkipBlanks(string text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        return at;
    }

    private int SkipLineBreak(int at)
    {
        if (at + 1 < _file.Length && _file[at] == '\r' && _file[at + 1] == '\n')
            return at + 2;
        return Math.Min(at + 1, _file.Length);
    }

    private int SkipIndentation(int at, int end)
    {
        while (at < end && _file[at] is ' ' or '\t')
            at++;
        return at;
    }
}
