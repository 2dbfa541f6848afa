using System.Text;
using NodaTime;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Customers;

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
