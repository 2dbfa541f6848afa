using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Rules.Expressions;

/// <summary><c>exists(products[price &gt; 5])</c> and its like, in a filter: one figure over the items of a list of one event.</summary>
/// <param name="filter">Null where every item counts.</param>
/// <param name="value">What is looked at of the items; null for the items themselves.</param>
internal sealed class ItemAggregate(StaticType type, string text, AggregateFunction function, EventField list, Expression? filter, Expression? value)
    : Expression(type, text)
{
    public override Timed Evaluate(in Scope scope)
    {
        var (count, numbers, sum, smallest, largest) = (0, 0, 0m, decimal.MaxValue, decimal.MinValue);
        if (list.Of(scope.Fields) is { Kind: ValueKind.List } items)
        {
            foreach (var item in items.AsList)
            {
                if (item.Kind != ValueKind.Object)
                    continue;
                var fields = scope.Fields.OfItem(item.AsObject);
                if (filter is not null && !Passes(filter, fields))
                    continue;
                count++;
                if (value is null || !Amounts.TryRead(value.Evaluate(new Scope { Fields = fields, Zone = scope.Zone }).Value, out var number))
                    continue;
                numbers++;
                sum += number;
                (smallest, largest) = (Math.Min(smallest, number), Math.Max(largest, number));
            }
        }

        return Timed.Always(function switch
        {
            AggregateFunction.Count => Value.Of((decimal)count),
            AggregateFunction.Exists => Value.Of(count > 0),
            AggregateFunction.None => Value.Of(count == 0),
            AggregateFunction.Sum => Value.Of(sum),
            _ when numbers == 0 => Value.Missing,
            AggregateFunction.Average => Value.Of(sum / numbers),
            AggregateFunction.Minimum => Value.Of(smallest),
            _ => Value.Of(largest),
        });
    }

    public override void Touch(in Scope scope, Explanation explanation)
    {
    }
}
