using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Domain.Customers;

/// <summary>A customer's facts as documents carry them: in their canonical form, as rules read them, or both.</summary>
/// <remarks>
/// Immutable and safe to share. Bytes that were read once need not be read again by whoever has the same object at hand. Equal by their bytes.
/// </remarks>
public sealed class StoredFacts : IEquatable<StoredFacts>
{
    private readonly byte[]? _bytes;
    private CustomerFacts? _read;

    private StoredFacts(byte[]? bytes, CustomerFacts? read) => (_bytes, _read) = (bytes, read);

    /// <summary>The canonical form; not to be changed. Facts that came without it write it anew each time that it is asked for: it is asked for once, and would be kept for long.</summary>
    public byte[] Bytes => _bytes ?? _read!.Encode();

    public static StoredFacts Of(CustomerFacts facts) => new(null, facts);

    /// <param name="bytes">What <see cref="Bytes"/> were.</param>
    public static StoredFacts Of(byte[] bytes) => new(bytes, null);

    /// <summary>The facts as rules read them.</summary>
    /// <returns>Null if they were kept under a rulebook with other measures.</returns>
    /// <exception cref="InvalidDataException">The bytes are not facts.</exception>
    public CustomerFacts? For(Rulebook rulebook)
    {
        if (_read is { } known && known.Measures.Fingerprint == rulebook.Measures.Fingerprint)
            return known;
        if (_bytes is null)
            return null;
        return _read = CustomerFacts.Decode(_bytes, rulebook);
    }

    public bool Equals(StoredFacts? other) => ReferenceEquals(this, other) || other is not null && Bytes.AsSpan().SequenceEqual(other.Bytes);

    public override bool Equals(object? obj) => Equals(obj as StoredFacts);

    public override int GetHashCode() => Bytes.Length;
}
