using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>The rulebook in force in this process.</summary>
/// <remarks>Thread-safe. Take <see cref="Value"/> once for a piece of work, so that it is decided under one version.</remarks>
public sealed class CurrentRulebook(Rulebook rulebook)
{
    private volatile Rulebook _value = rulebook;

    /// <summary>Raised after another rulebook came into force.</summary>
    public event Action<Rulebook>? Replaced;

    public Rulebook Value => _value;

    public void Replace(Rulebook rulebook)
    {
        _value = rulebook;
        Replaced?.Invoke(rulebook);
    }
}
