using System.Collections.Immutable;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Expressions;

namespace TaggingPipeline.Domain.Rules;

/// <summary>One tag rule.</summary>
public sealed partial class TagRule
{
    private readonly ImmutableArray<(Value Value, Expression Condition)> _tiers;
    private readonly Expression? _value;

    /// <param name="tiers">The first that holds gives the value; a tag that is only held or not has one, whose value is true.</param>
    /// <param name="value">What the value is computed by, if there are no tiers.</param>
    /// <param name="selections">Places of the selections that it looks at.</param>
    internal TagRule(
        string key, string name, string category, string text, ImmutableArray<(Value Value, Expression Condition)> tiers, Expression? value,
        ImmutableArray<int> selections, bool looksAtTraits, bool looksAtPopulation)
    {
        Selections = selections;
        LooksAtTraits = looksAtTraits;
        LooksAtPopulation = looksAtPopulation;
        Key = key;
        Name = name;
        Category = category;
        Text = text;
        _tiers = tiers;
        _value = value;
    }

    public string Key { get; }

    /// <summary>For people.</summary>
    public string Name { get; }

    /// <summary>basic, behaviour, interest or value.</summary>
    public string Category { get; }

    /// <summary>The names of the tiers, the first that holds first, or the values that can be assigned by hand; empty for other rules.</summary>
    public ImmutableArray<string> Tiers => Options.IsManual ? Options.ManualValues : [.. _tiers.Where(tier => tier.Value.Kind == ValueKind.Text).Select(tier => tier.Value.AsText)];

    /// <summary>The condition, tiers or value as the rulebook writes them.</summary>
    public string Text { get; }

    internal ImmutableArray<int> Selections { get; }

    internal bool LooksAtTraits { get; }

    internal bool LooksAtPopulation { get; }

    /// <summary>The value that the rule by itself calls for as of the scope's instant.</summary>
    private Called Call(in Scope scope)
    {
        if (_value is not null)
        {
            var computed = _value.Evaluate(scope);
            return new(computed.Value.Kind is ValueKind.Number or ValueKind.Text or ValueKind.Instant or ValueKind.Date ? computed.Value : Value.Missing, computed.Until);
        }

        var (until, turns) = (Timed.Never, false);
        foreach (var (value, condition) in _tiers)
        {
            // Whichever of the tiers looked at comes out otherwise first, the value is another: no two tiers have the same.
            var tested = condition.Test(scope);
            turns = tested.Until < until ? tested.Turns : turns || (tested.Turns && tested.Until == until);
            until = Math.Min(until, tested.Until);
            if (tested.Holds)
                return new(value, until, turns);
        }

        return new(Value.Missing, until, turns);
    }

    /// <summary>The events that it counts, or by which it was set by hand.</summary>
    internal void Touch(in Scope scope, Explanation explanation)
    {
        if (ByHand(scope) is { Done: var done })
        {
            explanation.Add(done.Time, done.EventId);
            return;
        }

        _value?.Touch(scope, explanation);
        foreach (var (_, condition) in _tiers)
            condition.Touch(scope, explanation);
    }

    private void ExplainCall(in Scope scope, Explanation explanation)
    {
        _value?.Explain(scope, explanation);
        foreach (var (_, condition) in _tiers)
        {
            condition.Explain(scope, explanation);
            if (condition.Test(scope).Holds)
                break;
        }
    }
}

/// <summary>The value that a rule calls for, and until when.</summary>
/// <param name="Value">Missing where it calls for no tag.</param>
/// <param name="Until">The value is the same at every instant before this one, if nothing more happens; <see cref="Expressions.Timed.Never"/> for always.</param>
/// <param name="Turns">At that instant it certainly is another; where this is not set, it may be.</param>
internal readonly record struct Called(Value Value, long Until, bool Turns = false)
{
    public Timed Timed => new(Value, Until);
}
