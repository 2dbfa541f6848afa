using System.Security.Cryptography;
using System.Text;

namespace TaggingPipeline.Ingestion.Access;

/// <summary>The keys that open something.</summary>
/// <param name="keys">Separated by commas; blanks around them don't count.</param>
/// <remarks>Keys are compared by digest, in constant time and always with all, so that the time taken tells nothing about them.</remarks>
internal sealed class KeyRing(string keys)
{
    private readonly byte[][] _digests =
    [
        .. keys.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(key => SHA256.HashData(Encoding.UTF8.GetBytes(key))),
    ];

    public int Count => _digests.Length;

    /// <summary>The position of the key among those that open, or null when it is none of them.</summary>
    public int? Find(ReadOnlySpan<byte> key)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, digest);
        int? found = null;
        for (var i = 0; i < _digests.Length; i++)
        {
            if (CryptographicOperations.FixedTimeEquals(_digests[i], digest))
                found = i;
        }

        return found;
    }

    public int? Find(string? key) => string.IsNullOrEmpty(key) ? null : Find(Encoding.UTF8.GetBytes(key));
}
