using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Expressions;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Rules.Binding;

/// <summary>Binds functions of values; aggregates are bound by <see cref="AggregateBinding"/>.</summary>
internal static class FunctionBinding
{
    private const int MostPlaces = 10;

    public static Expression? Bind(CallSyntax call, BindingContext context)
    {
        if (Vocabulary.Aggregates.Contains(call.Name))
        {
            if (context.Place == ExpressionPlace.Filter && call.Arguments is [EventsSyntax { Kind: "" } items, ..])
                return ItemsBinding.Bind(call, items, context);
            return Binder.Refuse(context, call, $"`{call.Name}`") ? null : AggregateBinding.Bind(call, context);
        }

        var text = context.TextOf(call);
        switch (call.Name)
        {
            case "since" when Counts(call, context, 1, "since(instant)") && !Binder.Refuse(context, call, "`since`"):
                return BindMoment(call.Arguments[0], context) is { } instant ? new Since(text, instant) : null;
            case "days" when Counts(call, context, 1, "days(duration)"):
                return Binder.BindAs(StaticType.Duration, call.Arguments[0], context) is { } days ? new WholeUnits(text, days, 86_400_000) : null;
            case "hours" when Counts(call, context, 1, "hours(duration)"):
                return Binder.BindAs(StaticType.Duration, call.Arguments[0], context) is { } hours ? new WholeUnits(text, hours, 3_600_000) : null;
            case "days_between" when Counts(call, context, 2, "days_between(from, to)"):
                var (from, to) = (BindMoment(call.Arguments[0], context), BindMoment(call.Arguments[1], context));
                return from is null || to is null ? null : new DaysBetween(text, from, to);
            case "start_of_day" or "end_of_day" when Counts(call, context, 1, $"{call.Name}(instant)"):
                return BindMoment(call.Arguments[0], context) is { } moment ? new DayEdge(text, moment, call.Name == "end_of_day") : null;
            case "age" when Counts(call, context, 1, "age(trait.birthday)") && !Binder.Refuse(context, call, "`age`"):
                return BindMoment(call.Arguments[0], context) is { } born ? new Age(text, born) : null;
            case "days_to_birthday" when Counts(call, context, 1, "days_to_birthday(trait.birthday)") && !Binder.Refuse(context, call, "`days_to_birthday`"):
                return BindMoment(call.Arguments[0], context) is { } birthday ? new DaysToBirthday(text, birthday) : null;
            case "lower" or "upper" when Counts(call, context, 1, $"{call.Name}(text)"):
                return Binder.BindAs(StaticType.Text, call.Arguments[0], context) is { } cased ? new Cased(text, cased, call.Name == "upper") : null;
            case "contains" or "starts_with" or "ends_with" when Counts(call, context, 2, $"{call.Name}(text, \"part\")"):
                return BindPart(call, text, context);
            case "matches" when Counts(call, context, 2, "matches(text, \"pattern\")"):
                return BindPattern(call, text, context);
            case "round" when Counts(call, context, 2, "round(number, places)"):
                return BindRounding(call, text, context);
            case "quintile" or "percentile":
                return PopulationBinding.Bind(call, context);
            case "coalesce":
                return BindCoalesce(call, text, context);
            case var known when Vocabulary.Functions.Contains(known):
                return null; // the number of arguments has been reported
            default:
                context.Error(call.NameSpan, $"there is no function `{call.Name}`{Suggestions.DidYouMean(call.Name, [.. Vocabulary.Aggregates, .. Vocabulary.Functions])}");
                return null;
        }
    }

    private static bool Counts(CallSyntax call, BindingContext context, int count, string usage)
    {
        if (call.Arguments.Length == count)
            return true;
        context.Error(call.Span, $"`{call.Name}` takes {count} argument{(count == 1 ? "" : "s")}; expected `{usage}`");
        return false;
    }

    /// <summary>An argument that names a point in time: an instant, a date, or a value that may turn out to be one.</summary>
    private static Expression? BindMoment(Syntax argument, BindingContext context)
    {
        var bound = Binder.Bind(argument, context);
        if (bound is null || bound.Type is StaticType.Instant or StaticType.Date or StaticType.Any)
            return bound;
        if (bound is Constant { Type: StaticType.Text } literal && Ordering.TryAs(literal.Value, ValueKind.Instant, context.Zone, out var instant))
            return new Constant(StaticType.Instant, bound.Text, instant);
        context.Error(argument.Span, $"`{bound.Text}` is {OperatorBinding.Describe(bound.Type)}; expected an instant, such as `first(purchase)` or `now`");
        return null;
    }

    private static TextPart? BindPart(CallSyntax call, string text, BindingContext context)
    {
        var whole = Binder.BindAs(StaticType.Text, call.Arguments[0], context);
        var part = Binder.BindAs(StaticType.Text, call.Arguments[1], context);
        if (whole is null || part is null)
            return null;
        var place = call.Name switch { "contains" => TextPlace.Anywhere, "starts_with" => TextPlace.Start, _ => TextPlace.End };
        return new(text, place, whole, part);
    }

    private static TextPattern? BindPattern(CallSyntax call, string text, BindingContext context)
    {
        var whole = Binder.BindAs(StaticType.Text, call.Arguments[0], context);
        if (call.Arguments[1] is not TextSyntax pattern)
        {
            context.Error(call.Arguments[1].Span, "expected a pattern in quotes, as in `matches(trait.email, \"@example[.]com$\")`");
            return null;
        }

        if (TextPattern.TryRead(pattern.Text, out var regex, out var problem))
            return whole is null ? null : new(text, whole, regex);
        context.Error(pattern.Span, $"this is no pattern: {problem}");
        return null;
    }

    private static Rounding? BindRounding(CallSyntax call, string text, BindingContext context)
    {
        var number = Binder.BindNumber(call.Arguments[0], context);
        if (call.Arguments[1] is not NumberSyntax { Number: >= 0 and <= MostPlaces } places || places.Number != Math.Floor(places.Number))
        {
            context.Error(call.Arguments[1].Span, $"expected a whole number of decimal places, 0 to {MostPlaces}");
            return null;
        }

        return number is null ? null : new(text, number, (int)places.Number);
    }

    private static Coalesce? BindCoalesce(CallSyntax call, string text, BindingContext context)
    {
        if (call.Arguments.IsEmpty)
        {
            context.Error(call.Span, "`coalesce` takes at least one argument; expected `coalesce(value, otherwise)`");
            return null;
        }

        var options = call.Arguments.Select(argument => Binder.Bind(argument, context)).ToArray();
        if (options.Contains(null))
            return null;
        var type = options[0]!.Type;
        return new(Array.TrueForAll(options, option => option!.Type == type) ? type : StaticType.Any, text, options!);
    }
}
