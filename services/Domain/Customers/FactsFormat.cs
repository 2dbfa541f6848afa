using System.Runtime.InteropServices;
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

    /// <summary>What the facts are made of. It is part of every fingerprint, so that facts of an older make are rebuilt from the journal.</summary>
    public const int Form = 2;

    /// <summary>From here on to <see cref="FirstPlace"/>: an amount with so many decimal places.</summary>
    public const int Amount = 12, MostPlaces = FirstPlace - Amount - 1;

    /// <summary>Values that were written before are named by their place from here on. What is less is a kind of value, with which a value starts.</summary>
    public const int FirstPlace = 16;

    /// <summary>Tags in the text table.</summary>
    public const byte Utf8 = 0, Uuid = 1;
}

/// <summary>Writes the parts of which facts are made. Each thread has one, whose buffers are used again.</summary>
internal sealed class FactsWriter
{
    /// <summary>Facts are some kilobytes: a thread that wrote larger ones lets go of its buffers.</summary>
    private const int LargestKept = 256 * 1024;

    private const int LongestVarint = 10;

    [ThreadStatic]
    private static FactsWriter? _ofThread;

    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly List<string> _texts = [];
    private readonly Dictionary<Value, int> _values = [];
    private byte[] _bytes = new byte[8192];
    private int _length;

    private FactsWriter()
    {
    }

    /// <summary>This thread's writer, empty. Whatever it was writing is forgotten.</summary>
    public static FactsWriter Start()
    {
        if (_ofThread is not { _bytes.Length: <= LargestKept })
            _ofThread = new();
        var writer = _ofThread;
        writer._length = 0;
        writer._places.Clear();
        writer._texts.Clear();
        writer._values.Clear();
        return writer;
    }

    public void Byte(byte value) => Room(1)[_length++] = value;

    public void Unsigned(ulong value)
    {
        var bytes = Room(LongestVarint);
        while (value >= 0x80)
        {
            bytes[_length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        bytes[_length++] = (byte)value;
    }

    public void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    public void Text(string text)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, text, out var isKnown);
        if (!isKnown)
        {
            place = _texts.Count;
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

    public void Value(in Value value)
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

    /// <summary>A value that may have been written before in this way, and then takes a byte or two.</summary>
    public void Repeated(in Value value)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_values, value, out var isKnown);
        if (isKnown)
        {
            Unsigned((ulong)place);
            return;
        }

        place = _values.Count - 1 + FactsFormat.FirstPlace;
        if (value.Kind == ValueKind.Number && TryAmount(value.AsNumber))
            return;
        Value(value);
    }

    /// <summary>What was written by <see cref="Repeated"/> is not referred to any more.</summary>
    public void ForgetRepeated() => _values.Clear();

    /// <summary>Most amounts are no larger than four bytes and have a few decimal places, so these go with the kind into one byte.</summary>
    private bool TryAmount(decimal number)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(Domain.Events.Value.WithoutTrailingZeros(number), bits);
        var scale = bits[3] >> 16;
        if (bits[3] < 0 || scale > FactsFormat.MostPlaces || bits[1] != 0 || bits[2] != 0)
            return false;
        Byte((byte)(FactsFormat.Amount + scale));
        Unsigned((uint)bits[0]);
        return true;
    }

    public void Bag(PropertyBag bag)
    {
        Unsigned((ulong)bag.Count);
        foreach (ref readonly var item in bag.Items)
        {
            Text(item.Key);
            Value(item.Value);
        }
    }

    /// <summary>Everything written so far, behind the version, the fingerprint and the table of texts.</summary>
    public byte[] ToArray(ulong fingerprint)
    {
        var body = _length;
        Byte(FactsFormat.Version);
        BitConverter.TryWriteBytes(Room(sizeof(ulong)).AsSpan(_length), fingerprint);
        _length += sizeof(ulong);
        Unsigned((ulong)_texts.Count);
        foreach (var text in _texts)
            WriteTable(text);
        _texts.Clear();
        _values.Clear();
        _places.Clear(); // they are of one customer, and none of another's business
        return [.. _bytes.AsSpan(body, _length - body), .. _bytes.AsSpan(0, body)];
    }

    private void WriteTable(string text)
    {
        if (TryReadUuid(text, out var uuid))
        {
            Byte(FactsFormat.Uuid);
            uuid.TryWriteBytes(Room(16).AsSpan(_length), bigEndian: true, out var written);
            _length += written;
            return;
        }

        Byte(FactsFormat.Utf8);
        var count = Encoding.UTF8.GetByteCount(text);
        Unsigned((ulong)count);
        _length += Encoding.UTF8.GetBytes(text, Room(count).AsSpan(_length));
    }

    private static bool TryReadUuid(string text, out Guid uuid)
    {
        uuid = default;
        Span<char> usual = stackalloc char[36];
        return text.Length == usual.Length && Guid.TryParseExact(text, "D", out uuid) && uuid.TryFormat(usual, out _, "D") && usual.SequenceEqual(text);
    }

    /// <summary>The bytes, with room for so many more.</summary>
    private byte[] Room(int count)
    {
        if (_bytes.Length - _length < count)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
        return _bytes;
    }
}

/// <summary>Reads what <see cref="FactsWriter"/> wrote.</summary>
internal ref struct FactsReader
{
    private readonly string[] _texts;
    private readonly List<Value> _values = [];
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

    public Value Repeated()
    {
        if (_rest.IsEmpty || _rest[0] < FactsFormat.FirstPlace)
        {
            var value = _rest.IsEmpty || _rest[0] < FactsFormat.Amount ? Value() : Amount();
            _values.Add(value);
            return value;
        }

        var place = Unsigned() - FactsFormat.FirstPlace;
        return place < (ulong)_values.Count ? _values[(int)place] : throw new InvalidDataException("A value in the facts was not written before.");
    }

    public readonly void ForgetRepeated() => _values.Clear();

    private Value Amount()
    {
        var scale = (byte)(Byte() - FactsFormat.Amount);
        return Domain.Events.Value.Of(new decimal((int)Unsigned(), 0, 0, false, scale));
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
