using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TaggingPipeline.Contracts;

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

    public string Next(ShopEvent shopEvent)
    {
        var hash = HashOf(shopEvent);
        var occurrence = _occurrences.GetValueOrDefault(hash) + 1;
        _occurrences[hash] = occurrence;
        var text = hash.ToString("x32", CultureInfo.InvariantCulture);
        return occurrence == 1 ? text : string.Create(CultureInfo.InvariantCulture, $"{text}-{occurrence}");
    }

    private static UInt128 HashOf(ShopEvent shopEvent)
    {
        using var content = new MemoryStream();
        Write(content, shopEvent.CustomerId);
        Write(content, shopEvent.Kind);
        Write(content, shopEvent.Name);
        Write(content, shopEvent.OccurredAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        Write(content, shopEvent.Properties?.GetRawText() ?? "");
        return BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(content.GetBuffer().AsSpan(0, (int)content.Length)));
    }

    /// <summary>Each part goes with its length before it, so that no two contents run together to the same bytes.</summary>
    private static void Write(MemoryStream content, string part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        var bytes = Encoding.UTF8.GetBytes(part);
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        content.Write(length);
        content.Write(bytes);
    }
}
