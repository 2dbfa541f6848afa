using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Domain.Customers;

/// <summary>What the rules need to know about one customer, merged from events.</summary>
/// <remarks>Immutable. Belongs to the measures of one rulebook: with other measures it is rebuilt from the journal.</remarks>
public sealed class CustomerFacts
{
    /// <summary>Of a customer without events.</summary>
    public static CustomerFacts Of(Rulebook rulebook) => throw new NotImplementedException();

    /// <summary>The traits as they stand, by name.</summary>
    public PropertyBag Traits => throw new NotImplementedException();

    /// <summary>The instant of the earliest event; null before there is one.</summary>
    public Instant? FirstSeen => throw new NotImplementedException();

    /// <summary>The instant of the latest event that is not in the future; null before there is one.</summary>
    public Instant? LastSeen => throw new NotImplementedException();

    /// <summary>The instant of the earliest event that waits for its time; null if none does.</summary>
    public Instant? NextWaiting => throw new NotImplementedException();

    /// <summary>The canonical form: equal facts have equal bytes.</summary>
    public byte[] Encode() => throw new NotImplementedException();

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <returns>Null if they were written under a rulebook with other measures.</returns>
    /// <exception cref="InvalidDataException">The bytes are not facts.</exception>
    public static CustomerFacts? Decode(ReadOnlySpan<byte> bytes, Rulebook rulebook) => throw new NotImplementedException();
}
