using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Storage.Sqlite.Database;

namespace TaggingPipeline.Storage.Sqlite.Projections;

/// <summary>A customer view as JSON, without customer, version, rulebook and its number, which are columns. Tags and memberships are arrays by position.</summary>
internal static class ViewJson
{
    public static byte[] Write(CustomerView view) => JsonColumn.Write(view, static (writer, view) =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("revision", view.Revision);
        writer.WriteNumber("tagSequence", view.TagSequence);
        writer.WriteNumber("segmentSequence", view.SegmentSequence);
        writer.WriteStartArray("tags");
        foreach (var tag in view.Tags)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(tag.Key);
            writer.WriteStringValue(tag.Category);
            ValueJson.WriteTyped(writer, tag.Value);
            writer.WriteInstantValue(tag.Since);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteValue("traits", Value.Of(view.Traits));
        writer.WriteStartArray("memberships");
        foreach (var membership in view.Memberships)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(membership.Segment);
            writer.WriteBooleanValue(membership.IsMember);
            writer.WriteInstantValue(membership.Since);
            writer.WriteNumberValue(membership.KeySequence);
            if (membership.Quiet > 0) // nearly never
                writer.WriteNumberValue(membership.Quiet);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    public static CustomerView Read(byte[] json, string customer, long version, string rulebook, long rulebookNumber)
    {
        using var document = JsonDocument.Parse(json);
        var view = document.RootElement;
        return new CustomerView
        {
            Customer = customer,
            Version = version,
            Rulebook = rulebook,
            RulebookNumber = rulebookNumber,
            Revision = view.GetProperty("revision").GetInt64(),
            TagSequence = view.GetProperty("tagSequence").GetInt64(),
            SegmentSequence = view.GetProperty("segmentSequence").GetInt64(),
            Tags = [.. view.GetProperty("tags").EnumerateArray().Select(ReadTag)],
            Traits = ValueJson.ReadTyped(view.GetProperty("traits")).AsObject,
            Memberships = [.. view.GetProperty("memberships").EnumerateArray().Select(ReadMembership)],
        };
    }

    /// <summary>A value as the key of its count: equal values are equal text.</summary>
    public static string WriteValue(Value value) => Encoding.UTF8.GetString(JsonColumn.Write(value, ValueJson.WriteTyped));

    public static Value ReadValue(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return ValueJson.ReadTyped(document.RootElement);
    }

    private static ViewedTag ReadTag(JsonElement tag)
    {
        var part = tag.EnumerateArray();
        return new ViewedTag(part.Next().GetString()!, part.Next().GetString()!, ValueJson.ReadTyped(part.Next()), part.Next().GetInstant());
    }

    private static Membership ReadMembership(JsonElement membership)
    {
        var part = membership.EnumerateArray();
        return new Membership(part.Next().GetString()!, part.Next().GetBoolean(), part.Next().GetInstant(), part.Next().GetInt64(), part.MoveNext() ? part.Current.GetInt64() : 0);
    }
}
