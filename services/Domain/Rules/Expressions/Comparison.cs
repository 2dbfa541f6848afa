using System.Collections.Immutable;
using NodaTime;
using NodaTime.Text;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Rules.Expressions;

/// <summary><c>a = b</c> and its like. False where a side is missing or the two cannot be compared.</summary>
internal sealed class Comparison(string text, BinaryOperator @operator, Expression left, Expression right) : Condition(text)
{
    private readonly Aggregate? _figure = right is Constant { Type: StaticType.Number } ? left as Aggregate : null;
    private readonly decimal _threshold = right is Constant { Type: StaticType.Number } constant ? constant.Value.AsNumber : 0;

    public override Tested Test(in Scope scope)
    {
        if (_figure is not null)
            return _figure.Compare(scope, @operator, _threshold);

        var first = left.Evaluate(scope);
        var second = right.Evaluate(scope);
        var until = Math.Min(first.Until, second.Until);
        var slope = first.Slope - second.Slope;
        if (!Ordering.TryCompare(first.Value, second.Value, scope.Zone, out var order))
            return new(false, Timed.Without(first, second).Until);
        if (slope != 0)
            until = Math.Min(until, Crossing(scope, first, second, order));
        else if (first.Drift is not null || second.Drift is not null)
            until = Math.Max(until, Meeting(scope.AsOf, first, second));
        return new(Holds(@operator, order), until);
    }

    public override void Explain(in Scope scope, Explanation explanation)
    {
        explanation.Add(Finding.OfComparison(this, @operator, left, right, scope));
        Touch(scope, explanation);
    }

    public override void Touch(in Scope scope, Explanation explanation)
    {
        left.Touch(scope, explanation);
        right.Touch(scope, explanation);
    }

    public static bool Holds(BinaryOperator @operator, int order) => @operator switch
    {
        BinaryOperator.Equal => order == 0,
        BinaryOperator.NotEqual => order != 0,
        BinaryOperator.Less => order < 0,
        BinaryOperator.LessOrEqual => order <= 0,
        BinaryOperator.Greater => order > 0,
        _ => order >= 0,
    };

    /// <summary>An instant before which two values, of which one drifts, cannot change their order.</summary>
    private static long Meeting(long asOf, Timed first, Timed second)
    {
        const decimal Largest = 1_000_000_000_000_000_000_000_000_000m; // differences of smaller numbers are numbers
        var drift = Drift.Of(first, second, 1) ?? Drift.Of(second, first, -1);
        if (drift is null || !TryMeasure(first.Value, out var from) || !TryMeasure(second.Value, out var to) || from == to || Math.Abs(from) > Largest || Math.Abs(to) > Largest)
            return asOf;
        return Math.Sign(from - to) == Math.Sign(drift.Rate) ? drift.Until : drift.BeforeGone(asOf, Math.Abs(from - to));
    }

    private static bool TryMeasure(Value value, out decimal measure)
    {
        if (value.Kind is not (ValueKind.Instant or ValueKind.Duration))
            return value.TryNumber(out measure);
        measure = value.Milliseconds;
        return true;
    }

    /// <summary>When the order of two values of which one moves changes next: they meet, or they part.</summary>
    private static long Crossing(in Scope scope, Timed first, Timed second, int order)
    {
        // Only instants and durations move. A date that one is compared with changes at the day's edge; text is read as what it is compared with.
        if (first.Value.Kind == ValueKind.Date || second.Value.Kind == ValueKind.Date)
            return Math.Min(DayEdge.UntilDateChanges(first, scope), DayEdge.UntilDateChanges(second, scope));
        if (order == 0)
            return scope.AsOf + 1;
        var kind = first.Slope != 0 ? first.Value.Kind : second.Value.Kind;
        Ordering.TryAs(first.Value, kind, scope.Zone, out var from);
        Ordering.TryAs(second.Value, kind, scope.Zone, out var to);
        var distance = to.Milliseconds - from.Milliseconds;
        var slope = first.Slope - second.Slope;
        return Math.Sign(distance) == Math.Sign(slope) ? scope.AsOf + Math.Max(1, distance / slope) : Timed.Never;
    }
}

/// <summary><c>a in (x, y)</c>.</summary>
internal sealed class Inclusion(string text, Expression operand, ImmutableArray<Value> options, bool negated) : Condition(text)
{
    public override Tested Test(in Scope scope)
    {
        var timed = operand.Evaluate(scope);
        if (timed.Value.IsMissing)
            return new(false, timed.Until);
        var found = false;
        foreach (var option in options)
            found |= Ordering.TryCompare(timed.Value, option, scope.Zone, out var order) && order == 0;
        return new(found != negated, timed.Until);
    }

    public override void Explain(in Scope scope, Explanation explanation)
    {
        explanation.Add(Finding.Of(this, operand.Evaluate(scope).Value, Value.Of(options), scope));
        Touch(scope, explanation);
    }

    public override void Touch(in Scope scope, Explanation explanation) => operand.Touch(scope, explanation);
}

/// <summary>How values of the language compare.</summary>
internal static class Ordering
{
    /// <summary>
    /// Compares two values of one kind; text with a number, an instant or a date if it reads as one; an instant with a date by its date in the zone.
    /// </summary>
    /// <returns>False where either is missing or they are of kinds that do not compare.</returns>
    public static bool TryCompare(Value left, Value right, DateTimeZone zone, out int order)
    {
        if (left.Kind == right.Kind)
        {
            order = left.CompareTo(right);
            return !left.IsMissing;
        }

        order = 0;
        if (left.Kind == ValueKind.Text || (left.Kind == ValueKind.Instant && right.Kind == ValueKind.Date))
        {
            if (!TryAs(left, right.Kind, zone, out var converted))
                return false;
            order = converted.CompareTo(right);
            return true;
        }

        if (!TryAs(right, left.Kind, zone, out var other))
            return false;
        order = left.CompareTo(other);
        return true;
    }

    /// <summary>The value as one of another kind, where it can be read as one.</summary>
    public static bool TryAs(Value value, ValueKind kind, DateTimeZone zone, out Value converted)
    {
        converted = value;
        switch (value.Kind, kind)
        {
            case (ValueKind.Text, ValueKind.Number) when value.TryNumber(out var number):
                converted = Value.Of(number);
                return true;
            case (ValueKind.Text, ValueKind.Date) when LocalDatePattern.Iso.Parse(value.AsText) is { Success: true } date:
                converted = Value.Of(date.Value);
                return true;
            case (ValueKind.Text, ValueKind.Date) when TryInstant(value.AsText, out var instant):
                converted = Value.Of(instant.InZone(zone).Date);
                return true;
            case (ValueKind.Text, ValueKind.Instant) when TryInstant(value.AsText, out var instant):
                converted = Value.Of(instant);
                return true;
            case (ValueKind.Text, ValueKind.Instant) when LocalDatePattern.Iso.Parse(value.AsText) is { Success: true } date:
                converted = Value.InstantAt(CalendarDays.StartOf(date.Value, zone));
                return true;
            case (ValueKind.Instant, ValueKind.Date):
                converted = Value.Of(value.AsInstant.InZone(zone).Date);
                return true;
            default:
                return value.Kind == kind && !value.IsMissing;
        }
    }

    /// <summary>Reads an instant as RFC 3339 writes it, with an offset or Z.</summary>
    private static bool TryInstant(string text, out Instant instant)
    {
        var parsed = OffsetDateTimePattern.Rfc3339.Parse(text);
        instant = parsed.Success ? parsed.Value.ToInstant() : default;
        return parsed.Success;
    }
}
