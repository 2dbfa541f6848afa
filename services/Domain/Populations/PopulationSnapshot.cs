using System.Collections.Immutable;
using NodaTime;

namespace TaggingPipeline.Domain.Populations;

/// <summary>How all customers stood at an instant: what scores against the population are measured by.</summary>
/// <remarks>
/// Recorded once and never changed, so that whoever decides under it comes to the same scores. Equal by content.
/// </remarks>
/// <param name="Number">1 for the first, and one more with every further one.</param>
/// <param name="TakenAt">The instant as of which the customers were looked at, in whole milliseconds.</param>
/// <param name="Figures">One for each argument of the rulebook that it was taken for, in its order; then those of what earlier ones scored, as they were.</param>
public sealed record PopulationSnapshot(long Number, Instant TakenAt, ImmutableArray<PopulationFigures> Figures)
{
    /// <summary>The figures of an argument; null if the snapshot does not cover it.</summary>
    public PopulationFigures? Of(string argument)
    {
        foreach (var figures in Figures)
        {
            if (figures.Argument == argument)
                return figures;
        }

        return null;
    }

    public bool Equals(PopulationSnapshot? other) =>
        other is not null && Number == other.Number && TakenAt == other.TakenAt && Figures.AsSpan().SequenceEqual(other.Figures.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Number, TakenAt);
}
