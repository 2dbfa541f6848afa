using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

namespace TaggingPipeline.Processing.Events;

/// <summary>Short texts that come again and again, such as names of properties: each becomes one object.</summary>
/// <remarks>Bounded: what comes when it is full is made anew each time. Safe for concurrent use.</remarks>
internal sealed class KnownTexts
{
    private const int MostTexts = 4_096;
    private const int LongestBytes = 40;

    private readonly ConcurrentDictionary<int, string> _texts = new();

    /// <summary>The text, or the name of a property, at which the reader stands.</summary>
    public string Of(ref Utf8JsonReader reader)
    {
        if (reader.ValueIsEscaped || reader.ValueSpan.Length > LongestBytes)
            return reader.GetString()!;
        var hash = new HashCode();
        hash.AddBytes(reader.ValueSpan);
        var key = hash.ToHashCode();
        if (_texts.TryGetValue(key, out var known) && reader.ValueTextEquals(known))
            return known;
        var text = Encoding.UTF8.GetString(reader.ValueSpan);
        if (known is null && _texts.Count < MostTexts)
            _texts.TryAdd(key, text);
        return text;
    }
}
