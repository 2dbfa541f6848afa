using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using TaggingPipeline.CommandLine.Files;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.CommandLine.Mapping;

/// <summary>Events as lines of JSON, in the shape of the contracts, but for the instant of receipt: the server gives that.</summary>
internal static class ShopEventLines
{
    /// <summary>Reads events with or without <c>receivedAt</c> and <c>eventId</c>, none with unknown members; writes no <c>receivedAt</c>.</summary>
    private static readonly JsonSerializerOptions Options = new(ContractsJson.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveReceiptToTheServer } },
    };

    /// <summary>The event of a line. One without an id has an empty one.</summary>
    public static MappedRow Read(Row row)
    {
        if (row.Problem is { } problem)
            return MappedRow.Rejected(row.Line, new("unreadable-row", problem));
        try
        {
            var read = row.Document.Deserialize<ShopEvent>(Options)!;
            return MappedRow.Of(row.Line, read.EventId is null ? read with { EventId = "" } : read);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return MappedRow.Rejected(row.Line, new("bad-row", FirstSentence(failure.Message)));
        }
    }

    /// <summary>One line, with its end.</summary>
    public static void Write(IBufferWriter<byte> lines, ShopEvent shopEvent)
    {
        using (var writer = new Utf8JsonWriter(lines))
            JsonSerializer.Serialize(writer, shopEvent, Options);
        lines.Write("\n"u8);
    }

    private static void LeaveReceiptToTheServer(JsonTypeInfo type)
    {
        if (type.Type != typeof(ShopEvent))
            return;
        foreach (var property in type.Properties)
        {
            if (property.Name is "receivedAt" or "eventId")
                property.IsRequired = false;
            if (property.Name == "receivedAt")
                property.ShouldSerialize = (_, _) => false;
        }
    }

    private static string FirstSentence(string message) =>
        message.IndexOf(" Path:", StringComparison.Ordinal) is var end and > 0 ? message[..end] : message;
}
