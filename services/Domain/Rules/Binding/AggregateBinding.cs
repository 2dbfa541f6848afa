using System.Collections.Immutable;
using TaggingPipeline.Domain.Rules.Expressions;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Rules.Binding;

/// <summary>Binds aggregates, and notes what they need kept of events.</summary>
internal static class AggregateBinding
{
    public static Aggregate? Bind(CallSyntax call, BindingContext context)
    {
        if (call.Arguments is not [EventsSyntax events, ..])
        {
            context.Error(call.Span, $"`{call.Name}` looks at events; expected `{call.Name}(purchase…)`");
            return null;
        }

        var window = BindWindow(call, context);
        var function = FunctionOf(call.Name);
        if (!CheckField(call, events, function, context) || window is null)
            return null;

        var source = SourceOf(events.Kind);
        var errors = context.Errors.Count;
        var filter = events.Filter is null ? null : Binder.BindCondition(events.Filter, context.ForFilter(source));
        var since = events.Since is null ? null : BindSince(events.Since, context);
        if (context.Errors.Count > errors)
            return null;

        var draft = context.Measures.SelectionOf(source, events.Name, filter, events.Filter is null ? "" : context.TextOf(events.Filter));
        var field = events.Field.IsEmpty ? null : context.Measures.FieldOf(source, events.Field);
        var column = draft.Use(field, SettledUseOf(function), window.Value, since is not null);
        context.Selections.Add(draft.Index);
        return new(TypeOf(function, events.Field), context.TextOf(call), function, () => draft.Selection, column, window.Value, since);
    }

    /// <summary>The window in milliseconds; 0 for none; null after an error.</summary>
    private static long? BindWindow(CallSyntax call, BindingContext context)
    {
        if (call.Arguments.Length > 2)
        {
            context.Error(call.Arguments[2].Span, $"`{call.Name}` takes events and a window; expected `{call.Name}(events, 90d)`");
            return null;
        }

        if (call.Arguments.Length < 2)
            return 0;
        if (call.Arguments[1] is DurationSyntax { Milliseconds: > 0 } duration)
            return duration.Milliseconds;
        context.Error(call.Arguments[1].Span, "expected a window, such as `90d` or `36h`");
        return null;
    }

    private static bool CheckField(CallSyntax call, EventsSyntax events, AggregateFunction function, BindingContext context)
    {
        switch (function)
        {
            case AggregateFunction.Count or AggregateFunction.Exists or AggregateFunction.None when !events.Field.IsEmpty:
                context.Error(events.Span, $"`{call.Name}` looks at whole events; expected them without `.{string.Join('.', events.Field)}`{(function == AggregateFunction.Count ? ", or `distinct(…)` to count different values" : "")}");
                return false;
            case AggregateFunction.Sum or AggregateFunction.Average or AggregateFunction.Minimum or AggregateFunction.Maximum or AggregateFunction.Distinct when events.Field.IsEmpty:
                context.Error(events.Span, $"`{call.Name}` looks at a property; expected it after the events, as in `{call.Name}({events.Kind}.total)`");
                return false;
            case AggregateFunction.Sum or AggregateFunction.Average or AggregateFunction.Minimum or AggregateFunction.Maximum when !EventField.IsProperty(events.Field):
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

    private static AggregateFunction FunctionOf(string name) => name switch
    {
        "count" => AggregateFunction.Count,
        "exists" => AggregateFunction.Exists,
        "none" => AggregateFunction.None,
        "sum" => AggregateFunction.Sum,
        "avg" => AggregateFunction.Average,
        "min" => AggregateFunction.Minimum,
        "max" => AggregateFunction.Maximum,
        "distinct" => AggregateFunction.Distinct,
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
        _ => SettledUse.None,
    };

    private static StaticType TypeOf(AggregateFunction function, ImmutableArray<string> field) => function switch
    {
        AggregateFunction.Exists or AggregateFunction.None => StaticType.Boolean,
        AggregateFunction.First or AggregateFunction.Last => field.IsEmpty ? StaticType.Instant : NameBinding.TypeOf(field),
        _ => StaticType.Number,
    };
}
