using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace TaggingPipeline.Processing.Intake;

/// <summary>Properties of events that state some of them outside of their <c>properties</c> or <c>traits</c>.</summary>
internal static class ReshapedProperties
{
    private static readonly JsonWriterOptions AsSent = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A view's properties with its name and category among them; one that is there already stands.</summary>
    public static JsonElement? OfView(string? name, string? category, JsonElement? properties)
    {
        var addName = name is not null && !Has(properties, "name");
        var addCategory = category is not null && !Has(properties, "category");
        if (!addName && !addCategory)
            return properties;
        return Write(writer =>
        {
            CopyProperties(properties, writer, property => (addName && property.NameEquals("name")) || (addCategory && property.NameEquals("category")));
            if (addName)
                writer.WriteString("name", name);
            if (addCategory)
                writer.WriteString("category", category);
        });
    }

    /// <summary>A group's traits under <c>group</c>, with its id among them, so that they don't mix with those of the customer.</summary>
    public static JsonElement OfGroup(string groupId, JsonElement? traits) => Write(writer =>
    {
        writer.WriteStartObject("group");
        writer.WriteString("id", groupId);
        CopyProperties(traits, writer, property => property.NameEquals("id"));
        writer.WriteEndObject();
    });

    private static bool Has(JsonElement? properties, string name) =>
        properties is { } given && given.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    private static void CopyProperties(JsonElement? source, Utf8JsonWriter writer, Func<JsonProperty, bool> replaced)
    {
        if (source is not { } given)
            return;
        foreach (var property in given.EnumerateObject())
        {
            if (!replaced(property))
                property.WriteTo(writer);
        }
    }

    private static JsonElement Write(Action<Utf8JsonWriter> writeProperties)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, AsSent))
        {
            writer.WriteStartObject();
            writeProperties(writer);
            writer.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }
}
