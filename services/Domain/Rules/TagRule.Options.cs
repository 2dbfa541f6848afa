using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Expressions;

namespace TaggingPipeline.Domain.Rules;

/// <summary>What stands between the value that a rule calls for and the value that a customer has.</summary>
public sealed partial class TagRule
{
    public TagOptions Options { get; internal init; } = TagOptions.None;

    /// <summary>The tags of which it is one; null for none.</summary>
    internal TagGroup? Group { get; init; }

    /// <summary>
    /// The value that the customer has as of the scope's instant, all options considered, and the instant up to which it certainly stays the same; it may stay
    /// longer.
    /// </summary>
    internal Timed Evaluate(in Scope scope)
    {
        if (Group is null || !Options.IsEnabled)
            return EvaluateApart(scope);
        var (first, until) = Group.Before(this, scope);
        if (first is not null)
            return new(Value.Missing, until);
        var apart = EvaluateApart(scope);
        return apart with { Until = Math.Min(apart.Until, until) };
    }

    /// <summary>As <see cref="Evaluate"/>, but for the other tags of its group.</summary>
    internal Timed EvaluateApart(in Scope scope) => Options.IsEnabled ? Call(scope) : Timed.Always(Value.Missing);

    /// <summary>Why it comes to its value.</summary>
    /// <param name="explanation">Empty; and empty again afterwards.</param>
    internal Reason Explain(in Scope scope, Explanation explanation)
    {
        if (!Options.IsEnabled)
            explanation.State("disabled in the rulebook");
        else if (Group?.Before(this, scope).First is { } first)
            explanation.State($"`{first.Key}` comes first in the group {Group.Name}");
        else
            ExplainCall(scope, explanation);
        return explanation.ToReason();
    }
}
