using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.CommandLine.Mapping;

/// <summary>Names events of a file by what they say, so that the same file gives the same ids whenever it is read.</summary>
/// <remarks>
/// An id is the first 128 bits of a SHA-256 over customer, kind, name, instant and properties, in hexadecimal; the second event with the same content
/// in a file gets <c>-2</c> after it, the third <c>-3</c>: two identical rows are two events. The ids are part of what is journaled, so the way they are
/// made never changes. Memory grows with the number of different rows, by about 40 bytes each.
/// </remarks>
internal sealed class ContentIds
{
    private readonly Dictionary<UInt128, int> _occurrences = [];

    /// <param name="properties">The event's, as values: however they are written as JSON, they say the same.</param>
    public string Next(ShopEvent shopEvent, PropertyBag properties)
    {
        var hash = HashOf(shopEvent, properties);
        var occurrence = _occurrences.GetValueOrDefault(hash) + 1;
        _occurrences[hash] = occurrence;
        var text = hash.ToString("x32", CultureInfo.InvariantCulture);
        return occurrence == 1 ? text : string.Create(CultureInfo.InvariantCulture, $"{text}-{occurrence}");
    }

    private static UInt128 HashOf(ShopEvent shopEvent, PropertyBag properties)
    {
        using var content = new MemoryStream();
        Write(content, shopEvent.CustomerId);
        Write(content, shopEvent.Kind);
        Write(content, shopEvent.Name);
        Write(content, shopEvent.OccurredAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        Write(content, Value.Of(properties));
        return BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(content.GetBuffer().AsSpan(0, (int)content.Length)));
    }

    private static void Write(MemoryStream content, Value value)
    {
        content.WriteByte((byte)value.Kind);
        switch (value.Kind)
        {
            case ValueKind.List:
                WriteLength(content, value.AsList.Length);
                foreach (var item in value.AsList)
                    Write(content, item);
                break;
            case ValueKind.Object:
                WriteLength(content, value.AsObject.Count);
                foreach (var (name, item) in value.AsObject.Items)
                {
                    Write(content, name);
                    Write(content, item);
                }

                break;
            default:
                Write(content, value.ToString());
                break;
        }
    }

    /// <summary>Each part goes with its length before it, so that no two contents run together to the same bytes.</summary>
    private static void Write(MemoryStream content, string part)
    {
        var bytes = Encoding.UTF8.GetBytes(part);
        WriteLength(content, bytes.Length);
        content.Write(bytes);
    }

    private static void WriteLength(MemoryStream content, int length)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        content.Write(bytes);
    }
}
