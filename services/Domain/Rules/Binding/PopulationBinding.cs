using TaggingPipeline.Domain.Rules.Expressions;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Rules.Binding;

/// <summary>Binds scores against the population, and notes of what the population is to be known.</summary>
internal static class PopulationBinding
{
    public static PopulationScore? Bind(CallSyntax call, BindingContext context)
    {
        var isQuintile = call.Name == "quintile";
        var most = isQuintile ? 2 : 1;
        if (call.Arguments.IsEmpty || call.Arguments.Length > most)
        {
            context.Error(call.Span, $"`{call.Name}` takes {(isQuintile ? "a number and a margin" : "1 argument")}; expected `{call.Name}(number{(isQuintile ? ", 1" : "")})`");
            return null;
        }

        if (Binder.Refuse(context, call, $"`{call.Name}`") || IsRefused(call, $"`{call.Name}`", context))
            return null;
        decimal? margin = null;
        if (call.Arguments.Length == 2)
        {
            if (call.Arguments[1] is not NumberSyntax { Number: < Customers.Amounts.Limit } written)
            {
                context.Error(call.Arguments[1].Span, "expected how much larger than a cut a value must be, as a number, such as `1`");
                return null;
            }

            margin = written.Number;
        }

        context.IsInPopulation = true;
        var operand = Binder.BindNumber(call.Arguments[0], context);
        context.IsInPopulation = false;
        if (operand is null)
            return null;
        if (operand.IsContinuous)
        {
            context.Error(call.Arguments[0].Span, $"`{operand.Text}` changes all the time; expected a number that stands still for a while, such as `days_between(…)`");
            return null;
        }

        var argument = context.Populations.PlaceOf(operand);
        context.PopulationArguments.Add(argument);
        return isQuintile
            ? new(context.TextOf(call), operand, argument, first: 1, step: 20, margin)
            : new(context.TextOf(call), operand, argument, first: 0, step: 1, margin);
    }

    /// <summary>Reports a thing that cannot stand in what is asked of all customers.</summary>
    public static bool IsRefused(Syntax syntax, string what, BindingContext context)
    {
        if (context.IsInPopulation)
            context.Error(syntax.Span, $"{what} cannot stand within `quintile(…)` or `percentile(…)`, which ask for a number that events and traits alone give");
        return context.IsInPopulation;
    }
}

/// <summary>Gathers, while rules are bound, the arguments of which the population is to be known; those written alike are the same.</summary>
internal sealed class PopulationCollector
{
    private readonly List<Expression> _arguments = [];

    public IReadOnlyList<Expression> Arguments => _arguments;

    public int PlaceOf(Expression argument)
    {
        var place = _arguments.FindIndex(known => known.Text == argument.Text);
        if (place >= 0)
            return place;
        _arguments.Add(argument);
        return _arguments.Count - 1;
    }
}
