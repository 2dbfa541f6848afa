using System.Text.Json;
using System.Text.Json.Serialization;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>Keeps names apart that differ by case only, such as two traits of a customer.</summary>
/// <remarks>MassTransit reads dictionaries without regard to case, and fails on a message with two such names.</remarks>
internal sealed class ExactNamesConverter : JsonConverter<IReadOnlyDictionary<string, JsonElement>>
{
    public override IReadOnlyDictionary<string, JsonElement> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var items = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in JsonElement.ParseValue(ref reader).EnumerateObject())
            items[property.Name] = property.Value;
        return items;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, JsonElement> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, item) in value)
        {
            writer.WritePropertyName(name);
            item.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}
