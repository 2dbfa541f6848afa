using System.Globalization;

namespace TaggingPipeline.Domain.Customers;

/// <summary>One number for the states of any number of customers, whatever their order: the sum of a number for each, modulo 2^128.</summary>
/// <remarks>The digests of ranges add up to that of all, so where two differ, halves tell which. It tells equal from different, and is no protection from somebody who wants them alike.</remarks>
/// <param name="Sum">Of the customers' numbers, each of which is the first 128 bits of a SHA-256: <see cref="CustomerState.DigestOf"/>.</param>
/// <param name="Customers">How many there are.</param>
public readonly record struct StateDigest(UInt128 Sum, long Customers)
{
    private const int Digits = 32;

    /// <summary>Of nobody.</summary>
    public static StateDigest None => default;

    /// <summary>What <see cref="ToString"/> wrote, of so many customers.</summary>
    public static bool TryParse(string text, long customers, out StateDigest digest)
    {
        var isRead = UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var sum) && text.Length == Digits;
        digest = new(sum, customers);
        return isRead;
    }

    /// <summary>The sum as 32 hexadecimal digits.</summary>
    public override string ToString() => Sum.ToString("x32", CultureInfo.InvariantCulture);

    public static StateDigest operator +(StateDigest left, StateDigest right) => new(unchecked(left.Sum + right.Sum), left.Customers + right.Customers);

    public static StateDigest operator -(StateDigest left, StateDigest right) => new(unchecked(left.Sum - right.Sum), left.Customers - right.Customers);
}
