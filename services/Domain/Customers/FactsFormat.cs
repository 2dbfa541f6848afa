using System.Buffers;
using System.Text;
using NodaTime;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Customers;

/// <summary>
/// The canonical binary form of facts, version 1: the fingerprint of the measures, then a table of the texts used in order of first use, then the facts.
/// Whole numbers are base-128 varints (zigzag where they may be negative), instants are kept as differences to the one before, and texts
/// as places in the table, where a UUID in its usual form takes 16 bytes.
/// </summary>
internal static class FactsFormat
{
    public const byte Version = 1;

    /// <summary>Tags in the text table.</summary>
    public const byte Utf8 = 0, Uuid = 1;
}

/// <summary>Writes the parts of which facts are made. Each thread has one, whose buffers are used again.</summary>
internal sealed class FactsWriter
{
    /// <summary>Facts are some kilobytes: a thread that wrote larger ones lets go of its buffers.</summary>
    private const int LargestKept = 256 * 1024;

    [ThreadStatic]
    private static FactsWriter? _ofThread;

    private readonly ArrayBufferWriter<byte> _body = new(8192);
    private readonly ArrayBufferWriter<byte> _table = new(4096);
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly List<string> _texts = [];

    private FactsWriter()
    {
    }

    /// <summary>This thread's writer, empty. Whatever it was writing is forgotten.</summary>
    public static FactsWriter Start()
    {
        if (_ofThread is not { _body.Capacity: <= LargestKept, _table.Capacity: <= LargestKept })
            _ofThread = new();
        var writer = _ofThread;
        writer._body.ResetWrittenCount();
        writer._table.ResetWrittenCount();
        writer._places.Clear();
        writer._texts.Clear();
        return writer;
    }

    public void Byte(byte value)
    {
        _body.GetSpan(1)[0] = value;
        _body.Advance(1);
    }

    public void Unsigned(ulong value) => Unsigned(_body, value);

    public void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    public void Text(string text)
    {
        if (!_places.TryGetValue(text, out var place))
        {
            place = _texts.Count;
            _places.Add(text, place);
            _texts.Add(text);
        }

        Unsigned((ulong)place);
    }

    /// <summary>A text or its absence.</summary>
    public void OptionalText(string? text)
    {
        Byte(text is null ? (byte)0 : (byte)1);
        if (text is not null)
            Text(text);
    }

    public void Number(decimal number)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(Domain.Events.Value.WithoutTrailingZeros(number), bits);
        var scale = (byte)(bits[3] >> 16);
        var isLong = bits[1] != 0 || bits[2] != 0;
        Byte((byte)(scale | (bits[3] < 0 ? 0x80 : 0) | (isLong ? 0x40 : 0)));
        Unsigned((uint)bits[0]);
        if (!isLong)
            return;
        Unsigned((uint)bits[1]);
        Unsigned((uint)bits[2]);
    }

    public void Value(Value value)
    {
        Byte((byte)value.Kind);
        switch (value.Kind)
        {
            case ValueKind.Boolean:
                Byte(value.AsBoolean ? (byte)1 : (byte)0);
                break;
            case ValueKind.Number:
                Number(value.AsNumber);
                break;
            case ValueKind.Text:
                Text(value.AsText);
                break;
            case ValueKind.Instant or ValueKind.Duration:
                Signed(value.Milliseconds);
                break;
            case ValueKind.Date:
                Signed(value.AsDate.ToDateTimeUnspecified().Ticks / TimeSpan.TicksPerDay);
                break;
            case ValueKind.List:
                Unsigned((ulong)value.AsList.Length);
                foreach (var item in value.AsList)
                    Value(item);
                break;
            case ValueKind.Object:
                Bag(value.AsObject);
                break;
        }
    }

    public void Bag(PropertyBag bag)
    {
        Unsigned((ulong)bag.Count);
        foreach (var (name, item) in bag.Items)
        {
            Text(name);
            Value(item);
        }
    }

    /// <summary>Everything written so far, behind the version, the fingerprint and the table of texts.</summary>
    public byte[] ToArray(ulong fingerprint)
    {
        _table.Write([FactsFormat.Version]);
        _table.Write(BitConverter.GetBytes(fingerprint));
        Unsigned(_table, (ulong)_texts.Count);
        Span<byte> uuid = stackalloc byte[16];
        foreach (var text in _texts)
        {
            if (IsUuid(text, uuid))
            {
                _table.Write([FactsFormat.Uuid]);
                _table.Write(uuid);
                continue;
            }

            _table.Write([FactsFormat.Utf8]);
            Unsigned(_table, (ulong)Encoding.UTF8.GetByteCount(text));
            Encoding.UTF8.GetBytes(text, _table);
        }

        return [.. _table.WrittenSpan, .. _body.WrittenSpan];
    }

    private static bool IsUuid(string text, Span<byte> bytes)
    {
        Span<char> usual = stackalloc char[36];
        if (text.Length != 36 || !Guid.TryParseExact(text, "D", out var parsed) || !parsed.TryFormat(usual, out _, "D") || !usual.SequenceEqual(text))
            return false;
        parsed.TryWriteBytes(bytes, bigEndian: true, out _);
        return true;
    }

    private static void Unsigned(ArrayBufferWriter<byte> writer, ulong value)
    {
        var span = writer.GetSpan(10);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        writer.Advance(length);
    }
}

/// <summary>Reads what <see cref="FactsWriter"/> wrote.</summary>
internal ref struct FactsReader
{
    private readonly string[] _texts;
    private ReadOnlySpan<byte> _rest;

    /// <exception cref="InvalidDataException">The bytes are not facts; so for every other member.</exception>
    public FactsReader(ReadOnlySpan<byte> bytes, out ulong fingerprint)
    {
        if (bytes.Length < 10 || bytes[0] != FactsFormat.Version)
            throw new InvalidDataException("These are not facts, or of a newer version.");
        fingerprint = BitConverter.ToUInt64(bytes[1..9]);
        _rest = bytes[9..];
        _texts = [];
        var texts = new string[Count()];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = Byte() == FactsFormat.Uuid
                ? new Guid(Take(16), bigEndian: true).ToString("D")
                : Encoding.UTF8.GetString(Take(Count()));
        }

        _texts = texts;
    }

    public readonly bool AtEnd => _rest.IsEmpty;

    public byte Byte() => Take(1)[0];

    public ulong Unsigned()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }

        throw new InvalidDataException("A number in the facts is too long.");
    }

    /// <summary>A number of things to follow, which cannot be more than there are bytes.</summary>
    public int Count()
    {
        var count = Unsigned();
        return count <= (ulong)_rest.Length ? (int)count : throw new InvalidDataException("A count in the facts is too large.");
    }

    public long Signed()
    {
        var value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public string Text()
    {
        var place = Unsigned();
        return place < (ulong)_texts.Length ? _texts[place] : throw new InvalidDataException("A text in the facts is not in its table.");
    }

    public string? OptionalText() => Byte() == 0 ? null : Text();

    public decimal Number()
    {
        var head = Byte();
        var low = (int)Unsigned();
        var (middle, high) = (head & 0x40) == 0 ? (0, 0) : ((int)Unsigned(), (int)Unsigned());
        return new(low, middle, high, (head & 0x80) != 0, (byte)(head & 0x1f));
    }

    public Value Value()
    {
        var kind = (ValueKind)Byte();
        switch (kind)
        {
            case ValueKind.Missing: return default;
            case ValueKind.Boolean: return Domain.Events.Value.Of(Byte() == 1);
            case ValueKind.Number: return Domain.Events.Value.Of(Number());
            case ValueKind.Text: return Domain.Events.Value.Of(Text());
            case ValueKind.Instant: return Domain.Events.Value.InstantAt(Signed());
            case ValueKind.Duration: return Domain.Events.Value.DurationOf(Signed());
            case ValueKind.Date: return Domain.Events.Value.Of(LocalDate.FromDateTime(new DateTime(Signed() * TimeSpan.TicksPerDay)));
            case ValueKind.List:
                var items = new Value[Count()];
                for (var i = 0; i < items.Length; i++)
                    items[i] = Value();
                return Domain.Events.Value.Of([.. items]);
            case ValueKind.Object: return Domain.Events.Value.Of(Bag());
            default: throw new InvalidDataException($"There is no kind of value {(byte)kind}.");
        }
    }

    public PropertyBag Bag()
    {
        var items = new KeyValuePair<string, Value>[Count()];
        for (var i = 0; i < items.Length; i++)
            items[i] = new(Text(), Value());
        return PropertyBag.Of(items);
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
            throw new InvalidDataException("The facts end too early.");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
