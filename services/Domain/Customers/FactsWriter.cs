using System.Runtime.InteropServices;
using System.Text;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Customers;

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
