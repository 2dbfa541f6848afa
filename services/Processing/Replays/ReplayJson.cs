using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Processing.Replays;

/// <summary>Replays as stores keep them: nobody asks a store for what is inside, so JSON is enough.</summary>
public static class ReplayJson
{
    private static readonly JsonSerializerOptions Options = new(ContractsJson.Options)
    {
        IgnoreReadOnlyProperties = true,
        Converters = { new MillisecondsConverter(), new TypedValueConverter(), new DigestConverter(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static byte[] Write(ReplayRun run) => JsonSerializer.SerializeToUtf8Bytes(run, Options);

    public static ReplayRun Read(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize<ReplayRun>(json, Options)!;

    /// <summary>Instants as milliseconds since the Unix epoch.</summary>
    private sealed class MillisecondsConverter : JsonConverter<Instant>
    {
        public override Instant Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Instant.FromUnixTimeMilliseconds(reader.GetInt64());

        public override void Write(Utf8JsonWriter writer, Instant value, JsonSerializerOptions options) => writer.WriteNumberValue(value.ToUnixTimeMilliseconds());
    }

    private sealed class TypedValueConverter : JsonConverter<Value>
    {
        /// <summary>Missing is written as null.</summary>
        public override bool HandleNull => true;

        public override Value Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => ValueJson.ReadTyped(JsonElement.ParseValue(ref reader));

        public override void Write(Utf8JsonWriter writer, Value value, JsonSerializerOptions options) => ValueJson.WriteTyped(writer, value);
    }

    private sealed class DigestConverter : JsonConverter<StateDigest>
    {
        public override StateDigest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var parts = reader.GetString()!.Split('/');
            return StateDigest.TryParse(parts[0], long.Parse(parts[1], CultureInfo.InvariantCulture), out var digest) ? digest : throw new JsonException("This is not a digest.");
        }

        public override void Write(Utf8JsonWriter writer, StateDigest value, JsonSerializerOptions options) =>
            writer.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"{value}/{value.Customers}"));
    }
}
