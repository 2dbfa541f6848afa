using System.Collections.Immutable;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Populations;

/// <summary>How the values of one argument are spread over all customers.</summary>
/// <remarks>Equal by content. Numbers are in their shortest form, so that equal figures are written alike.</remarks>
/// <param name="Argument">The expression, as the rulebook writes it.</param>
/// <param name="Customers">For how many customers it came to a number.</param>
/// <param name="Cuts">
/// The percentiles from 1 to 99, ascending: quantiles of type 7 (Hyndman and Fan 1996), which lie between two neighbours in proportion. Empty where there are no customers.
/// </param>
public sealed record PopulationFigures(string Argument, long Customers, ImmutableArray<decimal> Cuts)
{
    /// <summary>How many cuts there are, where there are customers.</summary>
    public const int Percentiles = 99;

    /// <param name="values">In any order; sorted afterwards.</param>
    public static PopulationFigures Of(string argument, List<decimal> values)
    {
        values.Sort();
        return new(argument, values.Count, values.Count == 0 ? [] : [.. Enumerable.Range(1, Percentiles).Select(percent => Value.WithoutTrailingZeros(QuantileOf(values, percent)))]);
    }

    /// <summary>The cut at a percentage from 1 to 99; null where there are no customers.</summary>
    public decimal? CutAt(int percent) => Cuts.IsEmpty ? null : Cuts[percent - 1];

    public bool Equals(PopulationFigures? other) =>
        other is not null && Argument == other.Argument && Customers == other.Customers && Cuts.AsSpan().SequenceEqual(other.Cuts.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Argument, Customers);

    /// <summary>Exact: values are <see cref="Amounts"/>, of which the difference and two further digits fit a decimal.</summary>
    private static decimal QuantileOf(List<decimal> sorted, int percent)
    {
        var (below, part) = Math.DivRem((sorted.Count - 1L) * percent, 100);
        var lower = sorted[(int)below];
        return part == 0 ? lower : lower + ((sorted[(int)below + 1] - lower) * part / 100);
    }
}
