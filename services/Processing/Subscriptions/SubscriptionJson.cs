using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Processing.Subscriptions;

/// <summary>Subscriptions and attempts as stores keep them: nobody asks a store for what is inside, so JSON is enough.</summary>
public static class SubscriptionJson
{
    private static readonly JsonSerializerOptions Options = new(ContractsJson.Options)
    {
        IgnoreReadOnlyProperties = true,
        Converters = { new MillisecondsConverter(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static byte[] Write(Subscription subscription) => JsonSerializer.SerializeToUtf8Bytes(subscription, Options);

    public static Subscription Read(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize<Subscription>(json, Options)!;

    public static byte[] Write(IReadOnlyList<DeliveryAttempt> attempts) => JsonSerializer.SerializeToUtf8Bytes(attempts, Options);

    public static IReadOnlyList<DeliveryAttempt> ReadAttempts(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize<DeliveryAttempt[]>(json, Options)!;

    /// <summary>Instants as milliseconds since the Unix epoch.</summary>
    private sealed class MillisecondsConverter : JsonConverter<Instant>
    {
        public override Instant Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Instant.FromUnixTimeMilliseconds(reader.GetInt64());

        public override void Write(Utf8JsonWriter writer, Instant value, JsonSerializerOptions options) => writer.WriteNumberValue(value.ToUnixTimeMilliseconds());
    }
}
