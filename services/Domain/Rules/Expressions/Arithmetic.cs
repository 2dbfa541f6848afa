using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Rules.Expressions;

/// <summary><c>a + b</c> and its like on numbers. Missing where a side is no number, for a division by zero, and beyond the range of a decimal.</summary>
internal sealed class NumberArithmetic(string text, BinaryOperator @operator, Expression left, Expression right) : Expression(StaticType.Number, text)
{
    public override Timed Evaluate(in Scope scope)
    {
        var first = left.Evaluate(scope);
        var second = right.Evaluate(scope);
        var until = Math.Min(first.Until, second.Until);
        if (!first.Value.TryNumber(out var a) || !second.Value.TryNumber(out var b))
            return Timed.Without(first, second);

        // A division by zero stays missing for as long as the divisor stays, whatever happens to the other side.
        if (b == 0 && @operator == BinaryOperator.Divide)
            return new(Value.Missing, second.Until);
        return new(Calculate(a, b), until, 0, first.Drift is null && second.Drift is null ? null : DriftOf(first, second, a, b));
    }

    public override void Touch(in Scope scope, Explanation explanation)
    {
        left.Touch(scope, explanation);
        right.Touch(scope, explanation);
    }

    private Drift? DriftOf(Timed first, Timed second, decimal a, decimal b) => @operator switch
    {
        BinaryOperator.Add => Drift.Of(first, second, 1) ?? Drift.Of(second, first, 1),
        BinaryOperator.Subtract => Drift.Of(first, second, 1) ?? Drift.Of(second, first, -1),
        BinaryOperator.Multiply when Math.Max(Math.Abs(a), Math.Abs(b)) < Amounts.Limit => Drift.Of(first, second, b) ?? Drift.Of(second, first, a),
        BinaryOperator.Divide when b != 0 && Math.Abs(b) > 1 / Amounts.Limit => Drift.Of(first, second, 1 / b),
        _ => null,
    };

    private Value Calculate(decimal a, decimal b)
    {
        try
        {
            return @operator switch
            {
                BinaryOperator.Add => Value.Of(a + b),
                BinaryOperator.Subtract => Value.Of(a - b),
                BinaryOperator.Multiply => Value.Of(a * b),
                _ => b == 0 ? Value.Missing : Value.Of(a / b),
            };
        }
        catch (OverflowException)
        {
            // Decimal has no other way to say that a result does not fit.
            return Value.Missing;
        }
    }
}

/// <summary>Instants and durations added and subtracted. Missing where a side is, or beyond the years that an instant can name.</summary>
internal sealed class TimeArithmetic(StaticType type, string text, bool subtract, Expression left, Expression right) : Expression(type, text)
{
    public override bool IsContinuous => left.IsContinuous || right.IsContinuous;

    public override Timed Evaluate(in Scope scope)
    {
        var first = left.Evaluate(scope);
        var second = right.Evaluate(scope);
        var until = Math.Min(first.Until, second.Until);
        if (!Measured(first.Value) || !Measured(second.Value))
            return Timed.Without(first, second);
        var sign = subtract ? -1 : 1;
        var result = first.Value.Milliseconds + (sign * second.Value.Milliseconds);
        var slope = first.Slope + (sign * second.Slope);
        if (Math.Abs(result) > Timed.Farthest)
            return new(Value.Missing, slope == 0 ? until : Math.Min(until, scope.AsOf + 1));
        var drift = slope != 0 || (first.Drift is null && second.Drift is null) ? null : Drift.Of(first, second, 1) ?? Drift.Of(second, first, sign);
        return new(Type == StaticType.Instant ? Value.InstantAt(result) : Value.DurationOf(result), until, slope, drift);
    }

    public override void Touch(in Scope scope, Explanation explanation)
    {
        left.Touch(scope, explanation);
        right.Touch(scope, explanation);
    }

    private static bool Measured(Value value) => value.Kind is ValueKind.Instant or ValueKind.Duration;
}

/// <summary><c>-a</c> on a number.</summary>
internal sealed class Negative(string text, Expression operand) : Expression(StaticType.Number, text)
{
    public override Timed Evaluate(in Scope scope)
    {
        var timed = operand.Evaluate(scope);
        return timed.Value.TryNumber(out var number)
            ? new(Value.Of(-number), timed.Until, 0, timed.Drift is null ? null : timed.Drift with { Rate = -timed.Drift.Rate })
            : new(Value.Missing, timed.Until);
    }

    public override void Touch(in Scope scope, Explanation explanation) => operand.Touch(scope, explanation);
}

/// <summary><c>round(a, places)</c>, half away from zero.</summary>
internal sealed class Rounding(string text, Expression operand, int places) : Expression(StaticType.Number, text)
{
    public override Timed Evaluate(in Scope scope)
    {
        var timed = operand.Evaluate(scope);
        return timed.Value.TryNumber(out var number)
            ? new(Value.Of(Math.Round(number, places, MidpointRounding.AwayFromZero)), timed.Until, 0, Rounded(timed.Drift))
            : new(Value.Missing, timed.Until);
    }

    public override void Touch(in Scope scope, Explanation explanation) => operand.Touch(scope, explanation);

    /// <summary>Rounding may make a small step one of a whole unit.</summary>
    private static Drift? Rounded(Drift? drift) =>
        drift is null ? null : drift with { Rate = Math.Sign(drift.Rate) * Math.Max(1, Math.Abs(drift.Rate)) };
}
