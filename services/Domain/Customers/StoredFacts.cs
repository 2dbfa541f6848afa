using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Domain.Customers;

/// <summary>A customer's facts as a store keeps them, which can be read without knowing the rulebook that they belong to.</summary>
/// <remarks>Immutable and safe to share. What was read once is kept, so that whoever has the same object at hand need not read again. Equal by their bytes.</remarks>
public sealed class StoredFacts : IEquatable<StoredFacts>
{
    private CustomerFacts? _read;

    private StoredFacts(byte[] bytes, CustomerFacts? read)
    {
        Bytes = bytes;
        _read = read;
    }

    /// <summary>The canonical form; not to be changed.</summary>
    public byte[] Bytes { get; }

    public static StoredFacts Of(CustomerFacts facts) => new(facts.Encode(), facts);

    /// <param name="bytes">What <see cref="Bytes"/> were.</param>
    public static StoredFacts Of(byte[] bytes) => new(bytes, null);

    /// <summary>The facts as rules read them.</summary>
    /// <returns>Null if they were kept under a rulebook with other measures.</returns>
    /// <exception cref="InvalidDataException">The bytes are not facts.</exception>
    public CustomerFacts? For(Rulebook rulebook)
    {
        if (_read is { } known && known.Measures.Fingerprint == rulebook.Measures.Fingerprint)
            return known;
        return _read = CustomerFacts.Decode(Bytes, rulebook);
    }

    public bool Equals(StoredFacts? other) => other is not null && Bytes.AsSpan().SequenceEqual(other.Bytes);

    public override bool Equals(object? obj) => Equals(obj as StoredFacts);

    public override int GetHashCode() => Bytes.Length;
}
