using System.Text.Json;

namespace TaggingPipeline.Processing.Intake;

/// <summary>Where in a body a JSON value stands, and how deep it nests.</summary>
/// <param name="Depth">How many objects and arrays stand in each other at most; 0 for a text, number or literal.</param>
/// <remarks>
/// Bodies are looked through with the forward reader before anything is parsed into a document: its cost grows with the length alone,
/// while that of a document grows with length times depth, which a body of nothing but brackets would make unbearable.
/// </remarks>
internal readonly record struct JsonSlice(int Start, int Length, int Depth, JsonTokenType Type)
{
    /// <summary>Options of a reader that follows any depth.</summary>
    public static JsonReaderOptions AnyDepth { get; } = new() { MaxDepth = int.MaxValue };

    public ReadOnlySpan<byte> In(ReadOnlySpan<byte> body) => body.Slice(Start, Length);

    /// <summary>The value whose first token the reader stands on; afterwards it stands on the last.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static JsonSlice Read(ref Utf8JsonReader reader)
    {
        var type = reader.TokenType;
        var start = (int)reader.TokenStartIndex;
        var outside = reader.CurrentDepth;
        var deepest = outside;
        if (type is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            deepest++;
            while (reader.Read() && reader.CurrentDepth > outside)
            {
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                    deepest = Math.Max(deepest, reader.CurrentDepth + 1);
            }
        }

        return new(start, (int)reader.BytesConsumed - start, deepest - outside, type);
    }

    /// <summary>The one value that the text holds.</summary>
    /// <exception cref="JsonException">It is not JSON, or more than one value.</exception>
    public static JsonSlice ReadWhole(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, AnyDepth);
        reader.Read();
        var slice = Read(ref reader);
        reader.Read();
        return slice;
    }
}
