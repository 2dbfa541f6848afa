using TaggingPipeline.Domain.Populations;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>The rulebook in force in this process, with the snapshot of the population that is in force.</summary>
/// <remarks>
/// Thread-safe. Take <see cref="Value"/> once for a piece of work, so that it is decided under one version. A process may be behind the latest version for a moment;
/// it never goes back to an earlier one.
/// </remarks>
public sealed class CurrentRulebook
{
    private readonly IRulebookVersions? _versions;
    private readonly Lock _gate = new();
    private volatile Rulebook? _value;
    private volatile PopulationSnapshot? _population;

    /// <summary>With a rulebook in force, and none to follow.</summary>
    public CurrentRulebook(Rulebook rulebook) => _value = rulebook;

    /// <summary>With none in force until <see cref="FollowAsync"/> has found one.</summary>
    public CurrentRulebook(IRulebookVersions versions) => _versions = versions;

    /// <summary>Raised after another rulebook, or another snapshot that it scores by, came into force.</summary>
    public event Action<Rulebook>? Replaced;

    /// <exception cref="InvalidOperationException">None is in force yet.</exception>
    public Rulebook Value => _value ?? throw new InvalidOperationException("No rulebook is in force yet.");

    /// <summary>The latest snapshot that was followed, also while the rulebook scores nothing; null before there is one.</summary>
    public PopulationSnapshot? Population => _population;

    /// <summary>Puts another rulebook in force, with the snapshot that is. One whose number is not above that of the published one in force is left alone.</summary>
    public void Replace(Rulebook rulebook)
    {
        lock (_gate)
        {
            if (_value is { Number: > 0 } known && rulebook.Number <= known.Number)
                return;
            _value = rulebook = _population is { } population ? rulebook.With(population) : rulebook;
        }

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
            if (_value is not { } value)
                return;
            with = value.With(population);
            if (ReferenceEquals(with, value))
                return;
            _value = with;
        }

        Replaced?.Invoke(with);
    }

    /// <summary>Puts the latest published version in force, if it is not.</summary>
    /// <returns>What was published then; null where nothing newer was.</returns>
    /// <exception cref="InvalidOperationException">This software does not understand it: another one, newer or with errors of its own, must have published it.</exception>
    public async Task<RulebookVersion?> FollowAsync(CancellationToken cancellationToken)
    {
        if (_versions is null || await _versions.LatestAsync(_value?.Number ?? 0, cancellationToken) is not { } latest)
            return null;
        var (rulebook, errors) = RulebookFile.Compile(latest.Content);
        Replace(rulebook?.Numbered(latest.Version.Number)
            ?? throw new InvalidOperationException($"Version {latest.Version.Number} of the rulebook is not understood here: {errors[0]}"));
        return latest.Version;
    }

    /// <summary>The rulebook in force, for work on what a version with that number has decided: if that is later, the latest is taken up first.</summary>
    /// <exception cref="InvalidOperationException">There is no such version, or it is not understood.</exception>
    public async Task<Rulebook> AtLeastAsync(long number, CancellationToken cancellationToken)
    {
        if (Value.Number < number)
            await FollowAsync(cancellationToken);
        return Value is { } value && value.Number >= number
            ? value
            : throw new InvalidOperationException($"Version {number} of the rulebook has decided customers, and the store's latest is {Value.Number}: is a part of it missing?");
    }
}
