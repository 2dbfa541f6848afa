using TaggingPipeline.Domain.Populations;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>The rulebook in force in this process, with the snapshot of the population that is in force.</summary>
/// <remarks>Thread-safe. Take <see cref="Value"/> once for a piece of work, so that it is decided under one version.</remarks>
public sealed class CurrentRulebook(Rulebook rulebook)
{
    private readonly Lock _gate = new();
    private volatile Rulebook _value = rulebook;
    private volatile PopulationSnapshot? _population;

    /// <summary>Raised after another rulebook, or another snapshot that it scores by, came into force.</summary>
    public event Action<Rulebook>? Replaced;

    public Rulebook Value => _value;

    /// <summary>The latest snapshot that was followed, also while the rulebook scores nothing; null before there is one.</summary>
    public PopulationSnapshot? Population => _population;

    /// <summary>Puts another rulebook in force, with the snapshot that is.</summary>
    public void Replace(Rulebook rulebook)
    {
        lock (_gate)
            _value = rulebook = _population is { } population ? rulebook.With(population) : rulebook;
        Replaced?.Invoke(rulebook);
    }

    /// <summary>Puts a snapshot in force if it is newer than the one that is.</summary>
    public void Follow(PopulationSnapshot population)
    {
        Rulebook with;
        lock (_gate)
        {
            if (_population?.Number >= population.Number)
                return;
            _population = population;
            with = _value.With(population);
            if (ReferenceEquals(with, _value))
                return;
            _value = with;
        }

        Replaced?.Invoke(with);
    }
}
