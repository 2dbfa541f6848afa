using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace TaggingPipeline.Processing.Events;

/// <summary>Whether the text within JSON is Unicode: the JSON parser itself looks at neither its bytes nor its escapes until the text is read, and then throws.</summary>
public static class JsonText
{
    private const int EscapeLength = 6;

    /// <summary>The position in bytes of the first invalid UTF-8 or surrogate without its partner, or null when all text can be read.</summary>
    /// <param name="json">JSON that the parser accepts, whole or one value of it.</param>
    public static int? FirstFault(ReadOnlySpan<byte> json) =>
        Utf8.IsValid(json) ? FirstLoneSurrogate(json) : FirstInvalidByte(json);

    private static int? FirstInvalidByte(ReadOnlySpan<byte> json)
    {
        var position = 0;
        while (Rune.DecodeFromUtf8(json[position..], out _, out var consumed) == OperationStatus.Done)
            position += consumed;
        return position;
    }

    /// <remarks>A backslash stands only inside strings, so that no other tokens need be told apart.</remarks>
    private static int? FirstLoneSurrogate(ReadOnlySpan<byte> json)
    {
        var position = 0;
        while (json[position..].IndexOf((byte)'\\') is >= 0 and var skipped)
        {
            position += skipped;
            var unit = EscapedUnit(json[position..]);
            if (unit is not { } found)
            {
                position += 2;
                continue;
            }

            if (char.IsHighSurrogate(found) && EscapedUnit(json[(position + EscapeLength)..]) is { } next && char.IsLowSurrogate(next))
                position += EscapeLength;
            else if (char.IsSurrogate(found))
                return position;
            position += EscapeLength;
        }

        return null;
    }

    /// <summary>The UTF-16 unit that <c>\uXXXX</c> at the start stands for; null when something else is there.</summary>
    private static char? EscapedUnit(ReadOnlySpan<byte> json) =>
        json.Length >= EscapeLength && json[0] == '\\' && json[1] == 'u'
            && ushort.TryParse(json[2..EscapeLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;
}
