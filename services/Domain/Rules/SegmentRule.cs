using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Expressions;

namespace TaggingPipeline.Domain.Rules;

/// <summary>One segment: a condition over tags, traits and other segments, without a clock.</summary>
public sealed class SegmentRule
{
    private readonly Expression _condition;
    private readonly DateTimeZone _zone;

    internal SegmentRule(string key, string name, string text, Expression condition, DateTimeZone zone)
    {
        Key = key;
        Name = name;
        Text = text;
        _condition = condition;
        _zone = zone;
    }

    public string Key { get; }

    /// <summary>For people.</summary>
    public string Name { get; }

    /// <summary>The condition as the rulebook writes it.</summary>
    public string Text { get; }

    /// <summary>Stands for all that it looks at, as it is written.</summary>
    internal Lazy<string> Content { get; set; } = null!;

    /// <summary>Whether it, every rule that it names, and what is of the whole rulebook, are written as for the other: the members are the same then.</summary>
    public bool IsWrittenAs(SegmentRule other) => Content.Value == other.Content.Value;

    internal Timed Evaluate(in Scope scope) => _condition.Evaluate(scope);

    internal Tested Test(in Scope scope) => _condition.Test(scope);

    internal void Touch(in Scope scope, Explanation explanation) => _condition.Touch(scope, explanation);

    /// <summary>Whether a customer with these tags (values by key, held ones only) and traits is a member.</summary>
    public bool Holds(IReadOnlyDictionary<string, Value> tags, PropertyBag traits) => _condition.Test(new() { Tags = tags, Traits = traits, Zone = _zone }).Holds;

    /// <summary>Whether a customer with these tags (values by key, held ones only) and traits is a member, and why.</summary>
    public (bool Holds, ImmutableArray<Clause> Clauses) Evaluate(IReadOnlyDictionary<string, Value> tags, PropertyBag traits)
    {
        var scope = new Scope { Tags = tags, Traits = traits, Zone = _zone };
        var explanation = new Explanation();
        _condition.Explain(scope, explanation);
        return (_condition.Test(scope).Holds, explanation.ToReason().Clauses);
    }
}
