using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Rules.Expressions;

/// <summary><c>a and b</c>, <c>a or b</c>.</summary>
internal sealed class Junction(string text, bool isAnd, Expression left, Expression right) : Condition(text)
{
    public override Tested Test(in Scope scope)
    {
        // One side that already settles the outcome keeps it settled for as long as that side stands;
        // when both do, for as long as either stands.
        var deciding = !isAnd;
        var first = left.Test(scope);
        if (first.Holds == deciding && first.Until == Timed.Never)
            return first;
        var second = right.Test(scope);
        return (first.Holds == deciding, second.Holds == deciding) switch
        {
            (true, true) => new(deciding, Math.Max(first.Until, second.Until)),
            (true, false) => Alone(first, second),
            (false, true) => Alone(second, first),
            (false, false) => new(!deciding, Math.Min(first.Until, second.Until), (first.Turns && first.Until <= second.Until) || (second.Turns && second.Until <= first.Until)),
        };

        // It turns with the side that settles it, if the other side has not begun to settle it by then.
        static Tested Alone(Tested settles, Tested other) => settles with { Turns = settles.Turns && settles.Until < other.Until };
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
internal sealed class Negation(string text, Expression operand) : Condition(text)
{
    public override Tested Test(in Scope scope)
    {
        var tested = operand.Test(scope);
        return tested with { Holds = !tested.Holds };
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
        var tested = condition.Test(scope);
        var chosen = tested.Holds ? then : otherwise;
        if (chosen is null)
            return new(Value.Missing, tested.Until);
        var timed = chosen.Evaluate(scope);
        return timed with { Until = Math.Min(tested.Until, timed.Until) };
    }

    public override void Explain(in Scope scope, Explanation explanation)
    {
        condition.Explain(scope, explanation);
        var chosen = condition.Test(scope).Holds ? then : otherwise;
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
