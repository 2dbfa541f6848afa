using System.Collections.Immutable;
using System.Text.RegularExpressions;
using NodaTime;
using NodaTime.Text;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Domain.Specs.Language;

namespace TaggingPipeline.Domain.Specs.Naive;

/// <summary>
/// The oracle: keeps every event and applies the definition of the language literally, on the syntax tree, with no measure, window index or short cut.
/// Slow, and meant to be obviously right.
/// </summary>
/// <param name="rules">The definition's rules by name, for <c>tag</c> and <c>segment</c>.</param>
public sealed partial class NaiveEvaluator(IEnumerable<CustomerEvent> allEvents, DateTimeZone zone, Instant asOf, NaiveRules? rules = null)
{
    private readonly CustomerEvent[] _events = [.. allEvents.Where(e => e.OccurredAt <= asOf).Select(e => rules?.Converted(e) ?? e).OrderBy(e => e.OccurredAt).ThenBy(e => e.Id, StringComparer.Ordinal)];

    /// <summary>What a <c>when</c> comes to.</summary>
    public bool Holds(Syntax syntax) => Holds(syntax, null);

    /// <summary>A tag that is a condition by itself holds with any value.</summary>
    private bool Holds(Syntax syntax, Item? item) => syntax is TagSyntax tag ? !TagOf(tag.Key).IsMissing : IsTrue(Evaluate(syntax, item));

    /// <summary>What a <c>value</c> comes to: missing unless it can be a tag's value.</summary>
    public Value ValueOf(Syntax syntax)
    {
        var value = Evaluate(syntax, null);
        return value.Kind is ValueKind.Number or ValueKind.Text or ValueKind.Instant or ValueKind.Date ? value : Value.Missing;
    }

    /// <summary>What a tag comes to: the first tier that holds, the value, or whether it holds.</summary>
    public Value TagOf(string key)
    {
        var (tiers, value) = rules!.Tags[key];
        return value is not null ? ValueOf(value) : tiers.Where(tier => Holds(tier.Condition)).Select(tier => tier.Value).FirstOrDefault();
    }

    private static bool IsTrue(Value value) => value.Kind == ValueKind.Boolean && value.AsBoolean;

    private Value Evaluate(Syntax syntax, Item? item) => syntax switch
    {
        NumberSyntax number => Value.Of(number.Number),
        TextSyntax text => Value.Of(text.Text),
        BooleanSyntax boolean => Value.Of(boolean.Holds),
        DurationSyntax duration => Value.Of(Duration.FromMilliseconds(duration.Milliseconds)),
        NowSyntax => Value.Of(asOf),
        PathSyntax path when item is not null => FieldOf(item, path.Parts),
        PathSyntax { Parts: [var tier] } => Value.Of(tier), // beside a tag
        PathSyntax path => Trait(path.Parts[1..]),
        UnarySyntax { Operator: UnaryOperator.Not } not => Value.Of(!Holds(not.Operand, item)),
        UnarySyntax negate => Evaluate(negate.Operand, item).TryNumber(out var number) ? Value.Of(-number) : Value.Missing,
        BinarySyntax { Operator: BinaryOperator.And } and => Value.Of(Holds(and.Left, item) & Holds(and.Right, item)),
        BinarySyntax { Operator: BinaryOperator.Or } or => Value.Of(Holds(or.Left, item) | Holds(or.Right, item)),
        BinarySyntax binary => Binary(binary, Evaluate(binary.Left, item), Evaluate(binary.Right, item)),
        InSyntax inclusion => In(inclusion, item),
        TagSyntax tag => TagOf(tag.Key),
        SegmentSyntax segment => Value.Of(Holds(rules!.Segments[segment.Key])),
        IfSyntax choice when Holds(choice.Condition, item) => Evaluate(choice.Then, item),
        IfSyntax choice => choice.Else is null ? Value.Missing : Evaluate(choice.Else, item),
        CallSyntax call => Call(call, item),
        _ => throw new NotSupportedException(syntax.GetType().Name),
    };

    private Value Binary(BinarySyntax binary, Value left, Value right)
    {
        switch (binary.Operator)
        {
            case BinaryOperator.Add or BinaryOperator.Subtract or BinaryOperator.Multiply or BinaryOperator.Divide:
                return Arithmetic(binary.Operator, left, right);
            default:
                if (Order(left, right) is not { } order)
                    return Value.False;
                return Value.Of(binary.Operator switch
                {
                    BinaryOperator.Equal => order == 0,
                    BinaryOperator.NotEqual => order != 0,
                    BinaryOperator.Less => order < 0,
                    BinaryOperator.LessOrEqual => order <= 0,
                    BinaryOperator.Greater => order > 0,
                    _ => order >= 0,
                });
        }
    }

    private static Value Arithmetic(BinaryOperator @operator, Value left, Value right)
    {
        var sign = @operator == BinaryOperator.Add ? 1 : -1;
        switch (left.Kind, right.Kind)
        {
            case (ValueKind.Instant, ValueKind.Duration): return Value.Of(left.AsInstant + (right.AsDuration * sign));
            case (ValueKind.Duration, ValueKind.Instant): return Value.Of(right.AsInstant + left.AsDuration);
            case (ValueKind.Instant, ValueKind.Instant): return Value.Of(left.AsInstant - right.AsInstant);
            case (ValueKind.Duration, ValueKind.Duration): return Value.Of(left.AsDuration + (right.AsDuration * sign));
        }

        if (!left.TryNumber(out var a) || !right.TryNumber(out var b))
            return Value.Missing;
        return @operator switch
        {
            BinaryOperator.Add => Value.Of(a + b),
            BinaryOperator.Subtract => Value.Of(a - b),
            BinaryOperator.Multiply => Value.Of(a * b),
            _ => b == 0 ? Value.Missing : Value.Of(a / b),
        };
    }

    private Value In(InSyntax inclusion, Item? item)
    {
        var operand = Evaluate(inclusion.Operand, item);
        if (operand.IsMissing)
            return Value.False;
        return Value.Of(inclusion.Options.Any(option => Order(operand, Evaluate(option, item)) == 0) != inclusion.Negated);
    }

    /// <summary>-1, 0 or 1; null where the two do not compare.</summary>
    private int? Order(Value left, Value right)
    {
        if (left.IsMissing || right.IsMissing)
            return null;
        if (left.Kind == right.Kind)
            return Math.Sign(left.CompareTo(right));
        if (left.Kind == ValueKind.Text)
            return Convert(left, right.Kind) is { } converted ? Math.Sign(converted.CompareTo(right)) : null;
        if (right.Kind == ValueKind.Text)
            return Convert(right, left.Kind) is { } converted ? Math.Sign(left.CompareTo(converted)) : null;
        if (left.Kind == ValueKind.Instant && right.Kind == ValueKind.Date)
            return Math.Sign(DateOf(left)!.Value.CompareTo(right.AsDate));
        if (left.Kind == ValueKind.Date && right.Kind == ValueKind.Instant)
            return Math.Sign(left.AsDate.CompareTo(DateOf(right)!.Value));
        return null;
    }

    private Value? Convert(Value text, ValueKind kind) => kind switch
    {
        ValueKind.Number => text.TryNumber(out var number) ? Value.Of(number) : null,
        ValueKind.Instant => InstantOf(text) is { } instant ? Value.Of(instant) : null,
        ValueKind.Date => DateOf(text) is { } date ? Value.Of(date) : null,
        _ => null,
    };

    private Instant? InstantOf(Value value)
    {
        if (value.Kind == ValueKind.Instant)
            return value.AsInstant;
        if (value.Kind != ValueKind.Text)
            return null;
        if (OffsetDateTimePattern.Rfc3339.Parse(value.AsText) is { Success: true } instant)
            return instant.Value.ToInstant();
        return LocalDatePattern.Iso.Parse(value.AsText) is { Success: true } date ? zone.AtStartOfDay(date.Value).ToInstant() : null;
    }

    private LocalDate? DateOf(Value value) =>
        value.Kind == ValueKind.Date ? value.AsDate
        : value.Kind == ValueKind.Text && LocalDatePattern.Iso.Parse(value.AsText) is { Success: true } date ? date.Value
        : InstantOf(value)?.InZone(zone).Date;

    private Value Call(CallSyntax call, Item? item)
    {
        switch (call.Name)
        {
            case "since":
                return InstantOf(Evaluate(call.Arguments[0], item)) is { } from ? Value.Of(asOf - from) : Value.Missing;
            case "days" or "hours":
                var duration = Evaluate(call.Arguments[0], item);
                return duration.Kind == ValueKind.Duration
                    ? Value.Of((decimal)Math.Floor(duration.AsDuration.TotalMilliseconds / (call.Name == "days" ? 86_400_000d : 3_600_000d)))
                    : Value.Missing;
            case "days_between":
                var (a, b) = (DateOf(Evaluate(call.Arguments[0], item)), DateOf(Evaluate(call.Arguments[1], item)));
                return a is null || b is null ? Value.Missing : Value.Of(Period.DaysBetween(a.Value, b.Value));
            case "start_of_day":
                return DateOf(Evaluate(call.Arguments[0], item)) is { } start ? Value.Of(zone.AtStartOfDay(start).ToInstant()) : Value.Missing;
            case "end_of_day":
                return DateOf(Evaluate(call.Arguments[0], item)) is { } end
                    ? Value.Of(zone.AtStartOfDay(end.PlusDays(1)).ToInstant() - Duration.FromMilliseconds(1))
                    : Value.Missing;
            case "round":
                return Evaluate(call.Arguments[0], item).TryNumber(out var number)
                    ? Value.Of(Math.Round(number, (int)((NumberSyntax)call.Arguments[1]).Number, MidpointRounding.AwayFromZero))
                    : Value.Missing;
            case "coalesce":
                return call.Arguments.Select(argument => Evaluate(argument, item)).FirstOrDefault(value => !value.IsMissing);
            case "quintile" or "percentile":
                return Score(call, AmountOf(Evaluate(call.Arguments[0], item)));
            case "age":
                return DateOf(Evaluate(call.Arguments[0], item)) is { } born && born <= Today ? Value.Of((decimal)Birthdays(born).Count(day => day > born && day <= Today)) : Value.Missing;
            case "days_to_birthday":
                return DateOf(Evaluate(call.Arguments[0], item)) is { } birthday
                    ? Value.Of((decimal)Period.DaysBetween(Today, Birthdays(birthday).First(day => day >= Today)))
                    : Value.Missing;
            case "lower" or "upper":
                return Evaluate(call.Arguments[0], item) is { Kind: ValueKind.Text } cased
                    ? Value.Of(call.Name == "lower" ? cased.AsText.ToLowerInvariant() : cased.AsText.ToUpperInvariant())
                    : Value.Missing;
            case "contains" or "starts_with" or "ends_with" or "matches":
                var (whole, part) = (Evaluate(call.Arguments[0], item), Evaluate(call.Arguments[1], item));
                return Value.Of(whole.Kind == ValueKind.Text && part.Kind == ValueKind.Text && call.Name switch
                {
                    "contains" => whole.AsText.Contains(part.AsText, StringComparison.Ordinal),
                    "starts_with" => whole.AsText.StartsWith(part.AsText, StringComparison.Ordinal),
                    "ends_with" => part.AsText.Length <= whole.AsText.Length && whole.AsText[^part.AsText.Length..] == part.AsText,
                    _ => Regex.IsMatch(whole.AsText, part.AsText, RegexOptions.CultureInvariant),
                });
            default:
                return item is null ? Aggregate(call) : OfItems(call, item);
        }
    }

    /// <summary>Counts the cuts that are reached, one by one.</summary>
    private Value Score(CallSyntax call, decimal? value)
    {
        if (value is null || rules?.Populations.GetValueOrDefault(TreeText.Of(call.Arguments[0])) is not { Length: > 0 } population)
            return Value.Missing;
        int[] percents = call.Name == "quintile" ? [20, 40, 60, 80] : [.. Enumerable.Range(1, 99)];
        var margin = call.Arguments.Length == 1 ? (decimal?)null : ((NumberSyntax)call.Arguments[1]).Number;
        var reached = percents.Count(percent => margin is null ? QuantileOf(population, percent) < value : QuantileOf(population, percent) + margin <= value);
        return Value.Of((decimal)(call.Name == "quintile" ? 1 + reached : reached));
    }

    /// <summary>Type 7: at the place 1 + (n - 1) p among the sorted, counted from 1; between two in proportion.</summary>
    public static decimal QuantileOf(decimal[] sorted, decimal percent)
    {
        var place = 1 + ((sorted.Length - 1) * percent / 100);
        var whole = (int)Math.Floor(place);
        var above = whole < sorted.Length ? sorted[whole] : sorted[^1];
        return ((1 - (place - whole)) * sorted[whole - 1]) + ((place - whole) * above);
    }

    private LocalDate Today => asOf.InZone(zone).Date;

    /// <summary>The date and its anniversaries for two hundred years.</summary>
    private IEnumerable<LocalDate> Birthdays(LocalDate date) => Enumerable.Range(0, Math.Max(0, Today.Year - date.Year) + 2).Select(years =>
        date is { Month: 2, Day: 29 } && !CalendarSystem.Iso.IsLeapYear(date.Year + years) ? new(date.Year + years, 2, 28) : new LocalDate(date.Year + years, date.Month, date.Day));
}
