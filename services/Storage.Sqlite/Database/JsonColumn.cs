using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Storage.Sqlite.Database;

/// <summary>JSON columns, in UTF-8: Unicode as it is, instants as milliseconds since the Unix epoch, values typed.</summary>
internal static class JsonColumn
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>A column is some kilobytes: a thread that wrote a larger one lets go of its buffer.</summary>
    private const int LargestKept = 256 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    public static byte[] Write<T>(T value, Action<Utf8JsonWriter, T> write)
    {
        if (_buffer is not { Capacity: <= LargestKept })
            _buffer = new(8192);
        _buffer.ResetWrittenCount();
        _writer ??= new(_buffer, WriterOptions);
        _writer.Reset(_buffer);
        write(_writer, value);
        _writer.Flush();
        return _buffer.WrittenSpan.ToArray();
    }

    public static void WriteValue(this Utf8JsonWriter writer, string name, Value value)
    {
        writer.WritePropertyName(name);
        ValueJson.WriteTyped(writer, value);
    }

    public static void WriteInstantValue(this Utf8JsonWriter writer, Instant? instant)
    {
        if (instant is { } known)
            writer.WriteNumberValue(known.ToUnixTimeMilliseconds());
        else
            writer.WriteNullValue();
    }

    public static Instant GetInstant(this JsonElement element) => Instant.FromUnixTimeMilliseconds(element.GetInt64());

    public static Instant? GetInstantOrNull(this JsonElement element) => element.ValueKind == JsonValueKind.Null ? null : element.GetInstant();

    /// <summary>The next element of an array that is written by position.</summary>
    public static JsonElement Next(this ref JsonElement.ArrayEnumerator elements) =>
        elements.MoveNext() ? elements.Current : throw new JsonException("An array in the store is shorter than it was written.");

    /// <summary>The reader itself, at its next token.</summary>
    public static ref Utf8JsonReader Next(this ref Utf8JsonReader reader)
    {
        if (!reader.Read())
            throw new JsonException("JSON in the store is shorter than it was written.");
        return ref reader;
    }

    public static Value GetValue(this ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null: return Value.Missing;
            case JsonTokenType.True: return Value.True;
            case JsonTokenType.False: return Value.False;
            case JsonTokenType.Number: return Value.Of(reader.GetDecimal());
            case JsonTokenType.String: return Value.Of(reader.GetString()!);
            default: return ValueJson.ReadTyped(JsonElement.ParseValue(ref reader));
        }
    }

    public static Instant GetInstant(this ref Utf8JsonReader reader) => Instant.FromUnixTimeMilliseconds(reader.GetInt64());

    public static Instant? GetInstantOrNull(this ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? null : reader.GetInstant();
}
