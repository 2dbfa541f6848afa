using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Customers;

/// <summary>Numbers as aggregates read them.</summary>
internal static class Amounts
{
    /// <summary>Numbers at or beyond this, either way, are not counted as numbers.</summary>
    public const decimal Limit = 1_000_000_000_000m;

    /// <summary>Further digits are rounded, half to even: with them and the limit, sums of a million entries are exact, so they do not depend on order.</summary>
    public const int DecimalPlaces = 10;

    public static bool TryRead(Value value, out decimal number)
    {
        if (!value.TryNumber(out number) || number >= Limit || number <= -Limit)
        {
            number = 0;
            return false;
        }

        if (number.Scale > DecimalPlaces)
            number = Math.Round(number, DecimalPlaces);
        return true;
    }
}
