using System.Collections.Immutable;
using System.Globalization;
using NodaTime;
using NodaTime.Text;

namespace TaggingPipeline.Domain.Events;

/// <summary>What kind of value a <see cref="Value"/> holds.</summary>
public enum ValueKind : byte
{
    Missing, Boolean, Number, Text, Instant, Duration, Date, List, Object,
}

/// <summary>A property of an event, a trait, a tag's value, or what an expression came to.</summary>
/// <remarks>
/// The default is <see cref="Missing"/>. Numbers are decimals and compare as numbers (1.0 equals 1); text compares by ordinal; instants
/// and durations are whole milliseconds. Values of different kinds are ordered by kind, so that every set of values has one order.
/// </remarks>
public readonly struct Value : IEquatable<Value>, IComparable<Value>
{
    // Histories are made of values, so a value is three words wide: what it refers to says of what kind it is, and what refers to nothing of its own refers to a mark.
    private static readonly Mark No = new(ValueKind.Boolean);
    private static readonly Mark Yes = new(ValueKind.Boolean);
    private static readonly Mark Numbers = new(ValueKind.Number);
    private static readonly Mark Instants = new(ValueKind.Instant);
    private static readonly Mark Durations = new(ValueKind.Duration);
    private static readonly Mark Dates = new(ValueKind.Date);

    private readonly decimal _number;

    /// <summary>The text, list or object itself; a mark for other kinds; null for missing.</summary>
    private readonly object? _reference;

    private Value(object reference, decimal number = 0)
    {
        _reference = reference;
        _number = number;
    }

    public static Value Missing => default;

    public static Value True => new(Yes, 1);

    public static Value False => new(No);

    public ValueKind Kind => _reference switch
    {
        Mark mark => mark.Kind,
        null => ValueKind.Missing,
        string => ValueKind.Text,
        PropertyBag => ValueKind.Object,
        _ => ValueKind.List,
    };

    public bool IsMissing => _reference is null;

    /// <summary>Whether it is <see cref="True"/>.</summary>
    internal bool IsTrue => ReferenceEquals(_reference, Yes);

    public static Value Of(bool value) => value ? True : False;

    public static Value Of(decimal value) => new(Numbers, value);

    public static Value Of(string value) => new((object)value);

    /// <summary>An instant; digits finer than a millisecond are cut.</summary>
    public static Value Of(Instant value) => InstantAt(value.ToUnixTimeMilliseconds());

    public static Value Of(Duration value) => DurationOf((long)value.TotalMilliseconds);

    public static Value Of(LocalDate value) => new(Dates, Period.DaysBetween(EpochDate, value));

    public static Value Of(ImmutableArray<Value> items) => new((object)items);

    public static Value Of(PropertyBag properties) => new((object)properties);

    internal static Value InstantAt(long milliseconds) => new(Instants, milliseconds);

    internal static Value DurationOf(long milliseconds) => new(Durations, milliseconds);

    /// <exception cref="InvalidOperationException">It is of another kind; so for the other As… members.</exception>
    public bool AsBoolean => Expect(ValueKind.Boolean).IsTrue;

    public decimal AsNumber => Expect(ValueKind.Number)._number;

    public string AsText => (string)Expect(ValueKind.Text)._reference!;

    public Instant AsInstant => Instant.FromUnixTimeMilliseconds(Milliseconds);

    public Duration AsDuration => Duration.FromMilliseconds(Milliseconds);

    public LocalDate AsDate => EpochDate.PlusDays((int)Expect(ValueKind.Date)._number);

    public ImmutableArray<Value> AsList => (ImmutableArray<Value>)Expect(ValueKind.List)._reference!;

    public PropertyBag AsObject => (PropertyBag)Expect(ValueKind.Object)._reference!;

    /// <summary>Of an instant since the Unix epoch, or of a duration.</summary>
    internal long Milliseconds => Kind is ValueKind.Instant or ValueKind.Duration
        ? (long)_number
        : throw new InvalidOperationException($"A value of kind {Kind} is neither an instant nor a duration.");

    private static LocalDate EpochDate => new(1970, 1, 1);

    /// <summary>The value as a number: a number itself, or text that reads as one exactly ("19.99").</summary>
    public bool TryNumber(out decimal number)
    {
        number = _number;
        return ReferenceEquals(_reference, Numbers) || (_reference is string text && TryParseNumber(text, out number));
    }

    /// <summary>Reads a decimal in the invariant culture: optional sign, digits, point, exponent; nothing else.</summary>
    public static bool TryParseNumber(ReadOnlySpan<char> text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out number);

    public bool Equals(Value other)
    {
        if (Kind != other.Kind || _number != other._number)
            return false;
        return Kind switch
        {
            ValueKind.Text => string.Equals((string)_reference!, (string)other._reference!, StringComparison.Ordinal),
            ValueKind.List => AsList.AsSpan().SequenceEqual(other.AsList.AsSpan()),
            ValueKind.Object => AsObject.Equals(other.AsObject),
            _ => true,
        };
    }

    public int CompareTo(Value other)
    {
        if (Kind != other.Kind)
            return Kind.CompareTo(other.Kind);
        return Kind switch
        {
            ValueKind.Text => string.CompareOrdinal((string)_reference!, (string)other._reference!),
            ValueKind.List => AsList.AsSpan().SequenceCompareTo(other.AsList.AsSpan()),
            ValueKind.Object => AsObject.CompareTo(other.AsObject),
            _ => _number.CompareTo(other._number),
        };
    }

    public override bool Equals(object? obj) => obj is Value other && Equals(other);

    public override int GetHashCode() => Kind switch
    {
        ValueKind.Text => string.GetHashCode((string)_reference!, StringComparison.Ordinal),
        ValueKind.List => AsList.Length,
        ValueKind.Object => AsObject.Count,
        _ => HashCode.Combine(Kind, _number),
    };

    public static bool operator ==(Value left, Value right) => left.Equals(right);

    public static bool operator !=(Value left, Value right) => !left.Equals(right);

    /// <summary>The value for a person to read, in the invariant culture; instants as RFC 3339 in UTC.</summary>
    public override string ToString() => Kind switch
    {
        ValueKind.Missing => "nothing",
        ValueKind.Boolean => AsBoolean ? "true" : "false",
        ValueKind.Number => WithoutTrailingZeros(_number).ToString(CultureInfo.InvariantCulture),
        ValueKind.Text => AsText,
        ValueKind.Instant => InstantPattern.ExtendedIso.Format(AsInstant),
        ValueKind.Duration => DurationText.Format(Milliseconds),
        ValueKind.Date => LocalDatePattern.Iso.Format(AsDate),
        ValueKind.List => $"[{string.Join(", ", AsList)}]",
        _ => "{…}",
    };

    /// <summary>The same number in its shortest form, which is the canonical one.</summary>
    public static decimal WithoutTrailingZeros(decimal number)
    {
        if (number.Scale == 0)
            return number == 0 ? 0 : number; // zero has a sign in its bits
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(number, bits);
        if (bits[2] != 0)
            return number / 1.0000000000000000000000000000m;
        var digits = ((ulong)(uint)bits[1] << 32) | (uint)bits[0];
        var scale = number.Scale;
        for (; scale > 0 && digits % 10 == 0; scale--)
            digits /= 10;
        return new((int)digits, (int)(digits >> 32), 0, decimal.IsNegative(number) && digits != 0, scale);
    }

    private Value Expect(ValueKind kind) =>
        Kind == kind ? this : throw new InvalidOperationException($"A value of kind {Kind} is not of kind {kind}.");

    private sealed class Mark(ValueKind kind)
    {
        public ValueKind Kind { get; } = kind;
    }
}
