using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Processing.Events;

/// <summary>Values as JSON.</summary>
/// <remarks>
/// Plain: as others send and read them; instants and dates are RFC 3339 text, durations text, and numbers keep all their digits. Typed: the same, except that instants,
/// dates and durations are objects (<c>{"$instant": …}</c>), so that reading gives the same value back; a name that itself begins with <c>$</c> gets a second one. Missing is
/// null in both.
/// </remarks>
public static class ValueJson
{
    private static readonly JsonElement TrueElement = JsonElement.Parse("true"u8);

    /// <summary>Values are mostly short: a thread that wrote a longer one lets go of its buffer.</summary>
    private const int LargestKept = 64 * 1024;

    /// <summary>Each thread's own, used again: a customer's message takes dozens of elements.</summary>
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    public static void WritePlain(Utf8JsonWriter writer, Value value) => Write(writer, value, typed: false);

    public static void WriteTyped(Utf8JsonWriter writer, Value value) => Write(writer, value, typed: true);

    /// <summary>The value as a JSON element; null for missing.</summary>
    public static JsonElement? ToElement(Value value)
    {
        if (value.IsMissing)
            return null;
        if (value == Value.True)
            return TrueElement; // the value of every tag that is only held or not
        if (_buffer is not { Capacity: <= LargestKept })
            _buffer = new(256);
        var (buffer, writer) = (_buffer, _writer ??= new(_buffer));
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        WritePlain(writer, value);
        writer.Flush();
        return JsonElement.Parse(buffer.WrittenSpan);
    }

    /// <summary>What <see cref="WriteTyped"/> writes, as a JSON element.</summary>
    public static JsonElement ToTypedElement(Value value)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var writer = new Utf8JsonWriter(buffer))
            WriteTyped(writer, value);
        return JsonElement.Parse(buffer.WrittenSpan);
    }

    /// <summary>A JSON value that others sent.</summary>
    /// <exception cref="FormatException">A number lies outside the range of a decimal (about ±7.9e28).</exception>
    /// <exception cref="InvalidOperationException">Text is not valid Unicode.</exception>
    public static Value Read(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True => Value.True,
        JsonValueKind.False => Value.False,
        JsonValueKind.Number => Value.Of(element.TryGetDecimal(out var number)
            ? number
            : throw new FormatException($"the number {Shortened(element.GetRawText())} lies outside ±7.9e28")),
        JsonValueKind.String => Value.Of(element.GetString()!),
        JsonValueKind.Array => Value.Of(element.EnumerateArray().Select(Read).ToImmutableArray()),
        JsonValueKind.Object => Value.Of(ReadObject(element)),
        _ => Value.Missing,
    };

    /// <summary>A JSON object that others sent; see <see cref="Read"/>.</summary>
    public static PropertyBag ReadObject(JsonElement element) =>
        PropertyBag.Of(element.EnumerateObject().Select(property => KeyValuePair.Create(property.Name, Read(property.Value))));

    /// <summary>What <see cref="WriteTyped"/> wrote.</summary>
    public static Value ReadTyped(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => Value.Of(element.EnumerateArray().Select(ReadTyped).ToImmutableArray()),
        JsonValueKind.Object => ReadTypedObject(element),
        _ => Read(element),
    };

    private static Value ReadTypedObject(JsonElement element)
    {
        var items = new List<KeyValuePair<string, Value>>();
        foreach (var property in element.EnumerateObject())
        {
            switch (property.Name)
            {
                case "$instant": return Value.Of(Instant.FromUnixTimeMilliseconds(property.Value.GetInt64()));
                case "$duration": return Value.Of(Duration.FromMilliseconds(property.Value.GetInt64()));
                case "$date": return Value.Of(LocalDatePattern.Iso.Parse(property.Value.GetString()!).GetValueOrThrow());
            }

            var name = property.Name.StartsWith('$') ? property.Name[1..] : property.Name;
            items.Add(new(name, ReadTyped(property.Value)));
        }

        return Value.Of(PropertyBag.Of(items));
    }

    private static void Write(Utf8JsonWriter writer, Value value, bool typed)
    {
        switch (value.Kind)
        {
            case ValueKind.Missing:
                writer.WriteNullValue();
                break;
            case ValueKind.Boolean:
                writer.WriteBooleanValue(value.AsBoolean);
                break;
            case ValueKind.Number:
                writer.WriteNumberValue(Value.WithoutTrailingZeros(value.AsNumber));
                break;
            case ValueKind.List:
                writer.WriteStartArray();
                foreach (var item in value.AsList)
                    Write(writer, item, typed);
                writer.WriteEndArray();
                break;
            case ValueKind.Object:
                writer.WriteStartObject();
                foreach (var (name, item) in value.AsObject.Items)
                {
                    writer.WritePropertyName(typed && name.StartsWith('$') ? "$" + name : name);
                    Write(writer, item, typed);
                }

                writer.WriteEndObject();
                break;
            case ValueKind.Instant when typed:
                WriteTagged(writer, "$instant", value.AsInstant.ToUnixTimeMilliseconds());
                break;
            case ValueKind.Duration when typed:
                WriteTagged(writer, "$duration", (long)value.AsDuration.TotalMilliseconds);
                break;
            case ValueKind.Date when typed:
                writer.WriteStartObject();
                writer.WriteString("$date", value.ToString());
                writer.WriteEndObject();
                break;
            default:
                writer.WriteStringValue(value.ToString());
                break;
        }
    }

    private static void WriteTagged(Utf8JsonWriter writer, string tag, long milliseconds)
    {
        writer.WriteStartObject();
        writer.WriteNumber(tag, milliseconds);
        writer.WriteEndObject();
    }

    private static string Shortened(string text) => text.Length <= 40 ? text : string.Concat(text.AsSpan(0, 40), "…");
}
