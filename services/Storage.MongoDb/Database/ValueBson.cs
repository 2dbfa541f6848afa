using System.Runtime.InteropServices;
using MongoDB.Bson;
using NodaTime;
using NodaTime.Text;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Storage.MongoDb.Database;

/// <summary>Values, instants and bytes as BSON.</summary>
/// <remarks>
/// Numbers are Decimal128 without trailing zeros, instants are dates, missing is null. Of what BSON has no type for, each is a document with one field that names it:
/// <c>duration</c> (milliseconds), <c>date</c>, and <c>object</c>, whose properties are pairs because a property may have any name.
/// </remarks>
internal static class ValueBson
{
    private const string Duration = "duration";
    private const string Date = "date";
    private const string Object = "object";

    public static BsonValue Write(Value value) => value.Kind switch
    {
        ValueKind.Missing => BsonNull.Value,
        ValueKind.Boolean => (BsonBoolean)value.AsBoolean,
        ValueKind.Number => new BsonDecimal128(new Decimal128(Value.WithoutTrailingZeros(value.AsNumber))),
        ValueKind.Text => new BsonString(value.AsText),
        ValueKind.Instant => Write(value.AsInstant),
        ValueKind.Duration => new BsonDocument(Duration, (long)value.AsDuration.TotalMilliseconds),
        ValueKind.Date => new BsonDocument(Date, LocalDatePattern.Iso.Format(value.AsDate)),
        ValueKind.List => new BsonArray(value.AsList.Select(Write)),
        _ => new BsonDocument(Object, WritePairs(value.AsObject)),
    };

    public static Value Read(BsonValue value) => value.BsonType switch
    {
        BsonType.Boolean => Value.Of(value.AsBoolean),
        BsonType.Decimal128 => Value.Of(Decimal128.ToDecimal(value.AsDecimal128)),
        BsonType.String => Value.Of(value.AsString),
        BsonType.DateTime => Value.Of(ReadInstant(value)),
        BsonType.Array => Value.Of([.. value.AsBsonArray.Select(Read)]),
        BsonType.Document => ReadNamed(value.AsBsonDocument.GetElement(0)),
        _ => Value.Missing,
    };

    public static BsonValue Write(Instant? instant) => instant is { } known ? new BsonDateTime(known.ToUnixTimeMilliseconds()) : BsonNull.Value;

    public static Instant ReadInstant(BsonValue value) => Instant.FromUnixTimeMilliseconds(value.AsBsonDateTime.MillisecondsSinceEpoch);

    public static Instant? ReadInstantOrNull(BsonValue value) => value.IsBsonNull ? null : ReadInstant(value);

    public static BsonBinaryData Write(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Offset == 0 && segment.Array!.Length == segment.Count ? segment.Array : bytes.ToArray();

    public static BsonArray Write(IEnumerable<string> texts) => new(texts);

    public static IEnumerable<string> ReadTexts(BsonValue texts) => texts.AsBsonArray.Select(text => text.AsString);

    private static BsonArray WritePairs(PropertyBag properties)
    {
        var pairs = new BsonArray(properties.Count);
        foreach (var (name, value) in properties.Items)
            pairs.Add(new BsonArray { name, Write(value) });
        return pairs;
    }

    private static Value ReadNamed(BsonElement named) => named.Name switch
    {
        Duration => Value.Of(NodaTime.Duration.FromMilliseconds(named.Value.AsInt64)),
        Date => Value.Of(LocalDatePattern.Iso.Parse(named.Value.AsString).GetValueOrThrow()),
        Object => Value.Of(PropertyBag.Of(named.Value.AsBsonArray.Select(property => KeyValuePair.Create(property[0].AsString, Read(property[1]))))),
        _ => throw new FormatException($"The store holds a value of a kind that is not known: {named.Name}."),
    };
}
