using System.Collections.Immutable;
using TaggingPipeline.Domain.Rules.Expressions;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Rules.Binding;

/// <summary>Binds aggregates, and notes what they need kept of events.</summary>
internal static class AggregateBinding
{
    public static Expression? Bind(CallSyntax call, BindingContext context)
    {
        if (call.Arguments is not [EventsSyntax events, ..])
        {
            context.Error(call.Span, $"`{call.Name}` looks at events; expected `{call.Name}(purchase…)`");
            return null;
        }

        var function = FunctionOf(call.Name);
        if (!WindowBinding.TryBind(call, context, out var window) || !CheckField(call, events, function, context))
            return null;

        var errors = context.Errors.Count;
        var source = SourceOf(events.Kind);
        var draft = BindSelection(events, source, context);
        var column = BindColumn(events, source, draft.List, context);
        var since = events.Since is null ? null : BindSince(events.Since, context);
        if (context.Errors.Count > errors)
            return null;
        var text = context.TextOf(call);
        context.Selections.Add(draft.Index);
        if (!events.Then.IsEmpty)
            return BindSequence(call, events, function, draft, window, since, context);
        var place = draft.Use(column, SettledUseOf(function), window, since is not null);
        return new Aggregate(TypeOf(function, events), text, function, () => draft.Selection, place, window, since);
    }

    /// <summary>The selection of events or line items; meaningless after an error.</summary>
    private static MeasureCollector.Draft BindSelection(EventsSyntax events, SelectionSource source, BindingContext context)
    {
        var filter = events.Filter is null ? null : Binder.BindCondition(events.Filter, context.ForFilter(source));
        var list = events.List.IsEmpty ? null : context.Measures.ListOf(source, events.List);
        var itemFilter = events.ItemFilter is null ? null : Binder.BindCondition(events.ItemFilter, context.ForFilter(source, list));
        return context.Measures.SelectionOf(
            source, events.Name, filter, events.Filter is null ? "" : context.TextOf(events.Filter), list, itemFilter, events.ItemFilter is null ? "" : context.TextOf(events.ItemFilter));
    }

    private static MeasureCollector.ColumnSource? BindColumn(EventsSyntax events, SelectionSource source, EventField? list, BindingContext context)
    {
        if (events.Computed is not null)
        {
            var computed = Binder.BindNumber(events.Computed, context.ForFilter(source, list));
            return computed is null ? null : MeasureCollector.ColumnSource.Of(computed);
        }

        if (events.Field.IsEmpty)
            return null;
        return MeasureCollector.ColumnSource.Of(list is null ? context.Measures.FieldOf(source, events.Field) : context.Measures.ItemFieldOf(list, events.Field));
    }

    private static Sequence? BindSequence(
        CallSyntax call, EventsSyntax events, AggregateFunction function, MeasureCollector.Draft first, Window? window, Expression? since, BindingContext context)
    {
        var errors = context.Errors.Count;
        var isForever = window is null;
        first.Use(null, SettledUse.None, window, isForever);
        var steps = ImmutableArray.CreateBuilder<Step>();
        foreach (var step in events.Then)
        {
            var draft = BindSelection(step.Events, SourceOf(step.Events.Kind), context);
            draft.Use(null, SettledUse.None, window, isForever);
            context.Selections.Add(draft.Index);
            steps.Add(new(() => draft.Selection, step.IsAbsent, step.Milliseconds));
        }

        return context.Errors.Count > errors ? null : new(TypeOf(function, events), context.TextOf(call), function, () => first.Selection, steps.ToImmutable(), window, since);
    }

    private static bool CheckField(CallSyntax call, EventsSyntax events, AggregateFunction function, BindingContext context)
    {
        var hasValue = !events.Field.IsEmpty || events.Computed is not null;
        var looksAtWhole = function is AggregateFunction.Count or AggregateFunction.Exists or AggregateFunction.None;
        if (!events.Then.IsEmpty && (hasValue || !events.List.IsEmpty || !(looksAtWhole || function is AggregateFunction.First or AggregateFunction.Last)))
        {
            context.Error(events.Span, "a sequence is looked at as a whole; expected `count`, `exists`, `none`, `first` or `last` of events, such as `count(browse then purchase within 2h)`");
            return false;
        }

        switch (function)
        {
            case var _ when looksAtWhole && hasValue:
                var written = events.Computed is null ? $"`.{string.Join('.', events.Field)}`" : "what is computed";
                context.Error(events.Span, $"`{call.Name}` looks at whole events; expected them without {written}{(function == AggregateFunction.Count ? ", or `distinct(…)` to count different values" : "")}");
                return false;
            case AggregateFunction.First or AggregateFunction.Last when !hasValue:
                return true;
            case var _ when !looksAtWhole && !hasValue:
                context.Error(events.Span, $"`{call.Name}` looks at a property; expected it after the events, as in `{call.Name}({(events.List.IsEmpty ? $"{events.Kind}.total" : $"{events.Kind}.{string.Join('.', events.List)}[].price")})`");
                return false;
            case AggregateFunction.Sum or AggregateFunction.Average or AggregateFunction.Minimum or AggregateFunction.Maximum
                when events.Computed is null && events.List.IsEmpty && !EventField.IsProperty(events.Field):
                context.Error(events.Span, $"`{call.Name}` looks at numbers, and `{events.Field[0]}` is none; the earliest and latest instant are `first({events.Kind})` and `last({events.Kind})`");
                return false;
            default:
                return true;
        }
    }

    private static Expression? BindSince(Syntax syntax, BindingContext context)
    {
        var bound = Binder.Bind(syntax, context);
        if (bound is null)
            return null;
        if (bound.IsContinuous)
        {
            context.Error(syntax.Span, $"`{bound.Text}` moves on with time; expected an instant that stands still, such as `last(purchase)`, or a window, as in `count(purchase, 30d)`");
            return null;
        }

        if (bound.Type is StaticType.Instant or StaticType.Any)
            return bound;
        context.Error(syntax.Span, $"`{bound.Text}` is {OperatorBinding.Describe(bound.Type)}; expected an instant, such as `last(purchase)`");
        return null;
    }

    public static AggregateFunction FunctionOf(string name) => name switch
    {
        "count" => AggregateFunction.Count,
        "exists" => AggregateFunction.Exists,
        "none" => AggregateFunction.None,
        "sum" => AggregateFunction.Sum,
        "avg" => AggregateFunction.Average,
        "min" => AggregateFunction.Minimum,
        "max" => AggregateFunction.Maximum,
        "distinct" => AggregateFunction.Distinct,
        "top" => AggregateFunction.Top,
        "first" => AggregateFunction.First,
        _ => AggregateFunction.Last,
    };

    private static SelectionSource SourceOf(string kind) => kind switch
    {
        "purchase" => SelectionSource.Orders,
        "browse" => SelectionSource.Browse,
        "interaction" => SelectionSource.Interaction,
        "profile" => SelectionSource.Profile,
        "identity" => SelectionSource.Identity,
        _ => SelectionSource.Any,
    };

    private static SettledUse SettledUseOf(AggregateFunction function) => function switch
    {
        AggregateFunction.Sum or AggregateFunction.Average => SettledUse.Sum,
        AggregateFunction.Minimum => SettledUse.Minimum,
        AggregateFunction.Maximum => SettledUse.Maximum,
        AggregateFunction.First => SettledUse.First,
        AggregateFunction.Last => SettledUse.Last,
        AggregateFunction.Distinct => SettledUse.Distinct,
        AggregateFunction.Top => SettledUse.Frequencies,
        _ => SettledUse.None,
    };

    private static StaticType TypeOf(AggregateFunction function, EventsSyntax events) => function switch
    {
        AggregateFunction.Exists or AggregateFunction.None => StaticType.Boolean,
        AggregateFunction.First or AggregateFunction.Last or AggregateFunction.Top =>
            events.Computed is not null ? StaticType.Number
            : events.Field.IsEmpty ? StaticType.Instant
            : events.List.IsEmpty ? NameBinding.TypeOf(events.Field) : StaticType.Any,
        _ => StaticType.Number,
    };
}
