using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Domain.Populations;

/// <summary>Gathers what a snapshot is made of, customer by customer, in any order.</summary>
/// <remarks>Keeps the numbers and nothing else of the customers: 16 bytes for each customer and argument. Not safe for concurrent use.</remarks>
public sealed class PopulationCount(Rulebook rulebook)
{
    private readonly List<decimal>[] _values = [.. rulebook.PopulationArguments.Select(_ => new List<decimal>())];

    /// <summary>Whether anybody was found for whom any argument is a number.</summary>
    public bool HasAnybody => Array.Exists(_values, values => values.Count > 0);

    /// <param name="known">Settled for the same instant, and kept for the measures of the rulebook.</param>
    public void Add(CustomerFacts known, Instant asOf) => Add(Tagging.Measure(known, rulebook, asOf));

    /// <param name="measured">What <see cref="Tagging.Measure"/> gave for one customer.</param>
    public void Add(IReadOnlyList<decimal?> measured)
    {
        for (var i = 0; i < _values.Length; i++)
        {
            if (measured[i] is { } value)
                _values[i].Add(value);
        }
    }

    /// <summary>The snapshot of all who were added.</summary>
    /// <param name="before">
    /// The snapshot that it follows. Figures of what the rulebook does not score are taken over: should the rulebook be gone back on, customers come to the scores that they had.
    /// </param>
    public PopulationSnapshot ToSnapshot(long number, Instant takenAt, PopulationSnapshot? before = null) => new(
        number,
        takenAt,
        [
            .. _values.Select((values, i) => PopulationFigures.Of(rulebook.PopulationArguments[i], values)),
            .. before is null ? [] : before.Figures.Where(figures => !rulebook.PopulationArguments.Contains(figures.Argument)),
        ]);
}
