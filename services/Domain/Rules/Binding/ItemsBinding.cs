using TaggingPipeline.Domain.Rules.Expressions;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Rules.Binding;

/// <summary>Binds functions of a list of one event, which stand in its filter: <c>purchase[exists(products[price > 5])]</c>.</summary>
internal static class ItemsBinding
{
    public static ItemAggregate? Bind(CallSyntax call, EventsSyntax items, BindingContext context)
    {
        var function = AggregateBinding.FunctionOf(call.Name);
        var hasValue = !items.Field.IsEmpty || items.Computed is not null;
        var errors = context.Errors.Count;
        if (context.FilterList is not null)
            context.Error(call.Span, "one list is looked into, not a list within its items");
        if (call.Arguments.Length > 1)
            context.Error(call.Arguments[1].Span, "a window has no place here: one event is looked at");
        if (items.List.IsEmpty)
            context.Error(items.Span, $"expected a list and brackets, as in `{call.Name}(products[price > 10])`");
        if (function is not (AggregateFunction.Count or AggregateFunction.Exists or AggregateFunction.None or AggregateFunction.Sum
            or AggregateFunction.Average or AggregateFunction.Minimum or AggregateFunction.Maximum))
        {
            context.Error(call.NameSpan, $"`{call.Name}` has no place in a filter; expected `exists`, `none`, `count`, `sum`, `avg`, `min` or `max` of the items of a list");
        }
        else if (hasValue == function is AggregateFunction.Count or AggregateFunction.Exists or AggregateFunction.None)
        {
            context.Error(items.Span, hasValue ? $"`{call.Name}` looks at whole items; expected none of their properties" : $"`{call.Name}` looks at a property of the items; expected it after the brackets");
        }

        if (context.Errors.Count > errors)
            return null;
        var list = context.Measures.ListOf(context.FilterSource, items.List);
        var within = context.ForFilter(context.FilterSource, list);
        var filter = items.ItemFilter is null ? null : Binder.BindCondition(items.ItemFilter, within);
        var value = items.Computed is not null ? Binder.BindNumber(items.Computed, within)
            : items.Field.IsEmpty ? null
            : new FieldName(StaticType.Any, string.Join('.', items.Field), context.Measures.ItemFieldOf(list, items.Field));
        if (context.Errors.Count > errors)
            return null;
        var type = function is AggregateFunction.Exists or AggregateFunction.None ? StaticType.Boolean : StaticType.Number;
        return new(type, context.TextOf(call), function, list, filter, value);
    }
}
