using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Rules.Expressions;

/// <summary><c>a and b</c>, <c>a or b</c>.</summary>
internal sealed class Junction(string text, bool isAnd, Expression left, Expression right) : Expression(StaticType.Boolean, text)
{
    public override Timed Evaluate(in Scope scope)
    {
        // One side that already settles the outcome keeps it settled for as long as that side stands;
        // when both do, for as long as either stands.
        var first = left.Evaluate(scope);
        var second = right.Evaluate(scope);
        var deciding = !isAnd;
        return (first.Holds == deciding, second.Holds == deciding) switch
        {
            (true, true) => new(Value.Of(deciding), Math.Max(first.Until, second.Until)),
            (true, false) => new(Value.Of(deciding), first.Until),
            (false, true) => new(Value.Of(deciding), second.Until),
            (false, false) => new(Value.Of(!deciding), Math.Min(first.Until, second.Until)),
        };
    }

    public override void Explain(in Scope scope, Explanation explanation)
    {
        left.Explain(scope, explanation);
        right.Explain(scope, explanation);
    }

    public override void Touch(in Scope scope, Explanation explanation)
    {
        left.Touch(scope, explanation);
        right.Touch(scope, explanation);
    }
}

/// <summary><c>not a</c>: true for everything that does not hold, missing values included.</summary>
internal sealed class Negation(string text, Expression operand) : Expression(StaticType.Boolean, text)
{
    public override Timed Evaluate(in Scope scope)
    {
        var timed = operand.Evaluate(scope);
        return new(Value.Of(!timed.Holds), timed.Until);
    }

    public override void Explain(in Scope scope, Explanation explanation) => operand.Explain(scope, explanation);

    public override void Touch(in Scope scope, Explanation explanation) => operand.Touch(scope, explanation);
}

/// <summary><c>a if c else b</c>; missing where the condition does not hold and there is no <c>else</c>.</summary>
internal sealed class Choice(StaticType type, string text, Expression then, Expression condition, Expression? otherwise) : Expression(type, text)
{
    public override bool IsContinuous => then.IsContinuous || (otherwise?.IsContinuous ?? false);

    public override Timed Evaluate(in Scope scope)
    {
        var tested = condition.Evaluate(scope);
        var chosen = tested.Holds ? then : otherwise;
        if (chosen is null)
            return new(Value.Missing, tested.Until);
        var timed = chosen.Evaluate(scope);
        return timed with { Until = Math.Min(tested.Until, timed.Until) };
    }

    public override void Explain(in Scope scope, Explanation explanation)
    {
        condition.Explain(scope, explanation);
        var chosen = condition.Evaluate(scope).Holds ? then : otherwise;
        chosen?.Explain(scope, explanation);
    }

    public override void Touch(in Scope scope, Explanation explanation)
    {
        condition.Touch(scope, explanation);
        then.Touch(scope, explanation);
        otherwise?.Touch(scope, explanation);
    }
}

/// <summary><c>coalesce(a, b, …)</c>: the first that is not missing.</summary>
internal sealed class Coalesce(StaticType type, string text, Expression[] options) : Expression(type, text)
{
    public override bool IsContinuous => Array.Exists(options, option => option.IsContinuous);

    public override Timed Evaluate(in Scope scope)
    {
        var until = Timed.Never;
        foreach (var option in options)
        {
            var timed = option.Evaluate(scope);
            until = Math.Min(until, timed.Until);
            if (!timed.Value.IsMissing)
                return timed with { Until = until };
        }

        return new(Value.Missing, until);
    }

    public override void Touch(in Scope scope, Explanation explanation)
    {
        foreach (var option in options)
            option.Touch(scope, explanation);
    }
}
