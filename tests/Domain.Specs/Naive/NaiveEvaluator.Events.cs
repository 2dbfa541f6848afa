using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Specs.Naive;

/// <content>Functions of events, of line items and of sequences, and orders as they stand.</content>
public sealed partial class NaiveEvaluator
{
    private const decimal AmountLimit = 1_000_000_000_000m;

    private static readonly string[] RefundableAmounts = ["total", "revenue", "subtotal", "value", "tax", "shipping", "discount", "quantity"];

    private Value Aggregate(CallSyntax call)
    {
        var events = (EventsSyntax)call.Arguments[0];
        var items = Selected(events);
        if (call.Arguments.Length > 1)
        {
            var (from, to) = NaiveWindows.Of(call.Arguments[1], asOf, zone);
            items = items.Where(found => found.Time >= from && found.Time < to);
        }
        if (events.Since is not null)
        {
            var since = InstantOf(Evaluate(events.Since, null));
            items = items.Where(found => since is not null && found.Time > since);
        }

        if (!events.Then.IsEmpty)
            items = items.Where(found => found.Weight > 0 && IsFollowed(found.Time, events.Then));
        return OfItems(call, events, [.. events.List.IsEmpty ? items : items.SelectMany(found => LinesOf(found, events.List, events.ItemFilter))]);
    }

    private IEnumerable<Item> Selected(EventsSyntax events) => ItemsOf(events.Kind)
        .Where(found => events.Name is null || found.Name == events.Name)
        .Where(found => events.Filter is null || Holds(events.Filter, found));

    /// <summary>Whether the steps follow an instant, each within its time after the one before.</summary>
    private bool IsFollowed(Instant time, ImmutableArray<StepSyntax> steps)
    {
        if (steps.IsEmpty)
            return true;
        var within = Duration.FromMilliseconds(steps[0].Milliseconds);
        var following = Selected(steps[0].Events).Where(found => found.Weight > 0 && found.Time > time && found.Time <= time + within);
        return steps[0].IsAbsent ? !following.Any() && asOf >= time + within : following.Any(found => IsFollowed(found.Time, steps[1..]));
    }

    /// <summary>The items of an event's list that pass. What takes away has none.</summary>
    private IEnumerable<Item> LinesOf(Item found, ImmutableArray<string> list, Syntax? filter) =>
        found.Weight <= 0 || found.Properties.At(list) is not { Kind: ValueKind.List } lines ? []
        : lines.AsList.Where(line => line.Kind == ValueKind.Object)
            .Select(line => new Item(found.Time, found.Name, 1, line.AsObject, IsLine: true))
            .Where(line => filter is null || Holds(filter, line));

    /// <summary>A function of a list of one event, in a filter.</summary>
    private Value OfItems(CallSyntax call, Item item)
    {
        var events = (EventsSyntax)call.Arguments[0];
        return OfItems(call, events, [.. LinesOf(item with { Weight = 1 }, events.List, events.ItemFilter)]);
    }

    private Value OfItems(CallSyntax call, EventsSyntax events, Item[] chosen)
    {
        Value ValueAt(Item found) => events.Computed is null ? FieldOf(found, events.Field) : Evaluate(events.Computed, found);
        var hasValue = events.Computed is not null || !events.Field.IsEmpty;
        var counting = chosen.Where(found => found.Weight > 0).ToArray();
        var values = !hasValue ? [] : counting.Select(found => (found.Time, Value: ValueAt(found))).Where(found => !found.Value.IsMissing).ToArray();
        var numbers = values.Select(found => AmountOf(found.Value)).OfType<decimal>().ToArray();
        var sum = !hasValue ? 0 : chosen.Select(found => AmountOf(ValueAt(found)) ?? 0).Sum();
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
            "top" => values.GroupBy(found => found.Value)
                .OrderByDescending(same => same.Count()).ThenByDescending(same => same.Max(found => found.Time)).ThenByDescending(same => same.Key)
                .Select(same => same.Key).FirstOrDefault(),
            "first" when !hasValue => counting.Length == 0 ? Value.Missing : Value.Of(counting.Min(found => found.Time)),
            "last" when !hasValue => counting.Length == 0 ? Value.Missing : Value.Of(counting.Max(found => found.Time)),
            "first" => values.OrderBy(found => found.Time).ThenBy(found => found.Value).Select(found => found.Value).FirstOrDefault(),
            "last" => values.OrderByDescending(found => found.Time).ThenByDescending(found => found.Value).Select(found => found.Value).FirstOrDefault(),
            _ => throw new NotSupportedException(call.Name),
        };
    }

    public static decimal? AmountOf(Value value) =>
        value.TryNumber(out var number) && Math.Abs(number) < AmountLimit ? Math.Round(number, 10) : null;

    private Value FieldOf(Item item, ImmutableArray<string> path) => path switch
    {
        _ when item.IsLine => item.Properties.At(path),
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
    /// <param name="IsLine">It is an item of a list: all names are its properties.</param>
    private sealed record Item(Instant Time, string Name, int Weight, PropertyBag Properties, bool IsLine = false);
}
