using System.Collections.Immutable;
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
public sealed class NaiveEvaluator(IEnumerable<CustomerEvent> allEvents, DateTimeZone zone, Instant asOf)
{
    private const decimal AmountLimit = 1_000_000_000_000m;

    private static readonly string[] RefundableAmounts = ["total", "revenue", "subtotal", "value", "tax", "shipping", "discount", "quantity"];

    private readonly CustomerEvent[] _events = [.. allEvents.Where(e => e.OccurredAt <= asOf).OrderBy(e => e.OccurredAt).ThenBy(e => e.Id, StringComparer.Ordinal)];

    /// <summary>The values of all customers by argument, as a tree; one that is not there is covered by no snapshot.</summary>
    public IReadOnlyDictionary<string, decimal[]> Populations { get; init; } = new Dictionary<string, decimal[]>();

    /// <summary>What a <c>when</c> comes to.</summary>
    public bool Holds(Syntax syntax) => IsTrue(Evaluate(syntax, null));

    /// <summary>What a <c>value</c> comes to: missing unless it can be a tag's value.</summary>
    public Value ValueOf(Syntax syntax)
    {
        var value = Evaluate(syntax, null);
        return value.Kind is ValueKind.Number or ValueKind.Text or ValueKind.Instant or ValueKind.Date ? value : Value.Missing;
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
        PathSyntax path => Trait(path.Parts[1..]),
        UnarySyntax { Operator: UnaryOperator.Not } not => Value.Of(!IsTrue(Evaluate(not.Operand, item))),
        UnarySyntax negate => Evaluate(negate.Operand, item).TryNumber(out var number) ? Value.Of(-number) : Value.Missing,
        BinarySyntax { Operator: BinaryOperator.And } and => Value.Of(IsTrue(Evaluate(and.Left, item)) & IsTrue(Evaluate(and.Right, item))),
        BinarySyntax { Operator: BinaryOperator.Or } or => Value.Of(IsTrue(Evaluate(or.Left, item)) | IsTrue(Evaluate(or.Right, item))),
        BinarySyntax binary => Binary(binary, Evaluate(binary.Left, item), Evaluate(binary.Right, item)),
        InSyntax inclusion => In(inclusion, item),
        IfSyntax choice when IsTrue(Evaluate(choice.Condition, item)) => Evaluate(choice.Then, item),
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
            case "quintile" or "percentile":
                return Score(call, AmountOf(Evaluate(call.Arguments[0], item)));
            case "coalesce":
                return call.Arguments.Select(argument => Evaluate(argument, item)).FirstOrDefault(value => !value.IsMissing);
            default:
                return Aggregate(call);
        }
    }

    /// <summary>Goes through the cuts one by one, each found anew in the sorted values.</summary>
    private Value Score(CallSyntax call, decimal? value)
    {
        if (value is null || !Populations.TryGetValue(TreeText.Of(call.Arguments[0]), out var population) || population.Length == 0)
            return Value.Missing;
        int[] percents = call.Name == "quintile" ? [20, 40, 60, 80] : [.. Enumerable.Range(1, 99)];
        var margin = call.Arguments.Length == 1 ? (decimal?)null : ((NumberSyntax)call.Arguments[1]).Number;
        var reached = percents.Count(percent => margin is null ? QuantileOf(population, percent) < value : QuantileOf(population, percent) + margin <= value);
        return Value.Of((decimal)(call.Name == "quintile" ? 1 + reached : reached));
    }

    /// <summary>Type 7: at the place 1 + (n - 1) p among the sorted, counted from 1; between two in proportion.</summary>
    public static decimal QuantileOf(IEnumerable<decimal> population, decimal percent)
    {
        var sorted = population.Order().ToArray();
        var place = 1 + ((sorted.Length - 1) * percent / 100);
        var whole = (int)Math.Floor(place);
        var above = whole < sorted.Length ? sorted[whole] : sorted[^1];
        return ((1 - (place - whole)) * sorted[whole - 1]) + ((place - whole) * above);
    }

    private Value Aggregate(CallSyntax call)
    {
        var events = (EventsSyntax)call.Arguments[0];
        var items = ItemsOf(events.Kind)
            .Where(found => events.Name is null || found.Name == events.Name)
            .Where(found => events.Filter is null || IsTrue(Evaluate(events.Filter, found)));
        if (call.Arguments.Length > 1)
            items = items.Where(found => found.Time > asOf - Duration.FromMilliseconds(((DurationSyntax)call.Arguments[1]).Milliseconds));
        if (events.Since is not null)
        {
            var since = InstantOf(Evaluate(events.Since, null));
            items = items.Where(found => since is not null && found.Time > since);
        }

        var chosen = items.ToArray();
        var counting = chosen.Where(found => found.Weight > 0).ToArray();
        var values = events.Field.IsEmpty ? [] : counting.Select(found => (found.Time, Value: FieldOf(found, events.Field))).Where(found => !found.Value.IsMissing).ToArray();
        var numbers = values.Select(found => AmountOf(found.Value)).OfType<decimal>().ToArray();
        var sum = events.Field.IsEmpty ? 0 : chosen.Select(found => AmountOf(FieldOf(found, events.Field)) ?? 0).Sum();
        var count = Math.Max(0, chosen.Sum(found => found.Weight));
        return call.Name switch
        {
            "count" => Value.Of((decimal)count),
            "exists" => Value.Of(count > 0),
            "none" => Value.Of(count == 0),
            "sum" => Value.Of(sum),
            "avg" => numbers.Length == 0 ? Value.Missing : Value.Of(sum / numbers.Length),
            "min" => numbers.Length == 0 ? Value.Missing : Value.Of(numbers.Min()),
            "max" => numbers.Length == 0 ? Value.Missing : Value.Of(numbers.Max()),
            "distinct" => Value.Of((decimal)values.Select(found => found.Value).Distinct().Count()),
            "first" when events.Field.IsEmpty => counting.Length == 0 ? Value.Missing : Value.Of(counting.Min(found => found.Time)),
            "last" when events.Field.IsEmpty => counting.Length == 0 ? Value.Missing : Value.Of(counting.Max(found => found.Time)),
            "first" => values.OrderBy(found => found.Time).ThenBy(found => found.Value).Select(found => found.Value).FirstOrDefault(),
            "last" => values.OrderByDescending(found => found.Time).ThenByDescending(found => found.Value).Select(found => found.Value).FirstOrDefault(),
            _ => throw new NotSupportedException(call.Name),
        };
    }

    private static decimal? AmountOf(Value value) =>
        value.TryNumber(out var number) && Math.Abs(number) < AmountLimit ? Math.Round(number, 10) : null;

    private Value FieldOf(Item item, ImmutableArray<string> path) => path switch
    {
        ["time"] => Value.Of(item.Time),
        ["date"] => Value.Of(item.Time.InZone(zone).Date),
        ["name"] => Value.Of(item.Name),
        _ => item.Properties.At(path),
    };

    private Value Trait(ImmutableArray<string> path)
    {
        var latest = _events.Where(e => e.Kind == EventKind.Profile && !e.Properties[path[0]].IsMissing).Select(e => e.Properties).LastOrDefault();
        return latest is null ? Value.Missing : latest.At(path);
    }

    private IEnumerable<Item> ItemsOf(string kind) => kind switch
    {
        "purchase" => Orders(),
        "event" => _events.Select(Raw),
        _ => _events.Where(e => e.Kind == Enum.Parse<EventKind>(kind, ignoreCase: true)).Select(Raw),
    };

    private static Item Raw(CustomerEvent e) => new(e.OccurredAt, e.Name, 1, e.Properties);

    private IEnumerable<Item> Orders()
    {
        var about = _events.Where(e => e.Kind is EventKind.Purchase or EventKind.OrderUpdated or EventKind.OrderRefunded or EventKind.OrderCancelled);
        foreach (var order in about.GroupBy(e => e.Properties["order_id"]))
        {
            if (!order.Key.IsMissing)
            {
                if (OrderOf([.. order]) is { } standing)
                    yield return standing;
                continue;
            }

            foreach (var alone in order)
            {
                if (alone.Kind == EventKind.Purchase)
                    yield return Raw(alone);
                else if (alone.Kind != EventKind.OrderUpdated)
                    yield return new(alone.OccurredAt, alone.Name, alone.Kind == EventKind.OrderCancelled ? -1 : 0, TakenAway(alone.Properties));
            }
        }
    }

    private static Item? OrderOf(CustomerEvent[] order)
    {
        var placed = order.FirstOrDefault(e => e.Kind == EventKind.Purchase);
        if (placed is null || order.Any(e => e.Kind == EventKind.OrderCancelled))
            return null;
        var properties = PropertyBag.Of(order.Where(e => e.Kind is EventKind.Purchase or EventKind.OrderUpdated).SelectMany(e => e.Properties.Items.ToArray()));
        var total = AmountOf(properties["total"]);
        var refunds = order.Where(e => e.Kind == EventKind.OrderRefunded).ToArray();
        var back = 0m;
        foreach (var refund in refunds)
        {
            if (AmountOf(refund.Properties["total"]) is not { } amount)
                return null;
            back += amount;
            properties = PropertyBag.Of(properties.Items.ToArray().Concat(RefundableAmounts
                .Where(name => AmountOf(properties[name]) is not null && AmountOf(refund.Properties[name]) is not null)
                .Select(name => KeyValuePair.Create(name, Value.Of(AmountOf(properties[name])!.Value - AmountOf(refund.Properties[name])!.Value)))));
        }

        return back != 0 && total is not null && back >= total ? null : new(placed.OccurredAt, placed.Name, 1, properties);
    }

    private static PropertyBag TakenAway(PropertyBag properties) => PropertyBag.Of(properties.Items.ToArray().Select(item =>
        !RefundableAmounts.Contains(item.Key) ? item
        : KeyValuePair.Create(item.Key, AmountOf(item.Value) is { } amount ? Value.Of(-amount) : Value.Missing)));

    /// <param name="Weight">1 for what counts as one, 0 for what only adds to sums, -1 for what takes one away.</param>
    private sealed record Item(Instant Time, string Name, int Weight, PropertyBag Properties);
}
