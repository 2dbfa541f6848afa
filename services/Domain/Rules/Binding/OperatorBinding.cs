using System.Collections.Immutable;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Expressions;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Rules.Binding;

/// <summary>Binds arithmetic, comparisons and <c>in</c>.</summary>
internal static class OperatorBinding
{
    public static string Describe(StaticType type) => type switch
    {
        StaticType.Boolean => "a condition",
        StaticType.Number => "a number",
        StaticType.Text => "text",
        StaticType.Instant => "an instant",
        StaticType.Duration => "a duration",
        StaticType.Date => "a date",
        _ => "a value",
    };

    public static Expression? BindArithmetic(BinarySyntax syntax, BindingContext context)
    {
        var left = Binder.Bind(syntax.Left, context);
        var right = Binder.Bind(syntax.Right, context);
        if (left is null || right is null)
            return null;
        var text = context.TextOf(syntax);
        if (IsNumeric(left) && IsNumeric(right))
            return new NumberArithmetic(text, syntax.Operator, left, right);
        var subtract = syntax.Operator == BinaryOperator.Subtract;
        if (syntax.Operator is BinaryOperator.Add or BinaryOperator.Subtract)
        {
            switch (left.Type, right.Type)
            {
                case (StaticType.Instant, StaticType.Duration):
                    return new TimeArithmetic(StaticType.Instant, text, subtract, left, right);
                case (StaticType.Duration, StaticType.Instant) when !subtract:
                    return new TimeArithmetic(StaticType.Instant, text, subtract, left, right);
                case (StaticType.Instant, StaticType.Instant) when subtract:
                    return new TimeArithmetic(StaticType.Duration, text, subtract, left, right);
                case (StaticType.Duration, StaticType.Duration):
                    return new TimeArithmetic(StaticType.Duration, text, subtract, left, right);
            }
        }

        var advice = left.Type == StaticType.Duration || right.Type == StaticType.Duration
            ? "; a duration becomes a number by `days(…)` or `hours(…)`"
            : left.Type == StaticType.Date || right.Type == StaticType.Date ? "; days between dates are `days_between(a, b)`" : "";
        context.Error(syntax.Span, $"`{Symbol(syntax.Operator)}` does not go with {Describe(left.Type)} and {Describe(right.Type)}{advice}");
        return null;
    }

    public static Expression? BindComparison(BinarySyntax syntax, BindingContext context)
    {
        var left = BindSide(syntax.Left, syntax.Right, context);
        var right = BindSide(syntax.Right, syntax.Left, context);
        if (left is null || right is null)
            return null;
        left = ReadLiteral(left, right.Type, syntax.Left, context);
        right = left is null ? null : ReadLiteral(right, left.Type, syntax.Right, context);
        if (left is null || right is null)
            return null;
        if (!Comparable(left.Type, right.Type))
        {
            var advice = (left.Type, right.Type) is (StaticType.Duration, StaticType.Number) or (StaticType.Number, StaticType.Duration)
                ? "; a duration has a unit, as `30d`, and becomes a number by `days(…)`"
                : "";
            context.Error(syntax.Span, $"{Describe(left.Type)} and {Describe(right.Type)} do not compare{advice}");
            return null;
        }

        if (syntax.Operator is not (BinaryOperator.Equal or BinaryOperator.NotEqual) && (left.Type == StaticType.Boolean || right.Type == StaticType.Boolean))
        {
            context.Error(syntax.Span, "conditions are not smaller or larger; expected `=` or `!=`");
            return null;
        }

        return new Comparison(context.TextOf(syntax), syntax.Operator, left, right);
    }

    public static Expression? BindInclusion(InSyntax syntax, BindingContext context)
    {
        var operand = Binder.Bind(syntax.Operand, context);
        if (operand is null)
            return null;
        if (operand.IsContinuous)
        {
            context.Error(syntax.Operand.Span, "`in` does not go with what changes all the time; expected a comparison such as `<=`");
            return null;
        }

        var options = ImmutableArray.CreateBuilder<Value>();
        foreach (var option in syntax.Options)
        {
            var bound = BindSide(option, syntax.Operand, context);
            if (bound is not null)
                bound = ReadLiteral(bound, operand.Type, option, context);
            if (bound is null)
                return null;
            var value = bound is Constant constant ? constant.Value
                : option is UnarySyntax { Operand: NumberSyntax number } ? Value.Of(-number.Number) : Value.Missing;
            if (value.IsMissing || !Comparable(operand.Type, bound.Type))
            {
                context.Error(option.Span, $"expected {Describe(operand.Type)} as it is written, such as a number or text in quotes");
                return null;
            }

            options.Add(value);
        }

        return new Inclusion(context.TextOf(syntax), operand, options.ToImmutable(), syntax.Negated);
    }

    /// <summary>A side of a comparison, where a bare word beside a tag is one of the tag's values.</summary>
    private static Expression? BindSide(Syntax side, Syntax other, BindingContext context)
    {
        var key = (other as TagSyntax)?.Key;
        if (key is null || side is not (PathSyntax { Parts: [_] } or TextSyntax))
            return Binder.Bind(side, context);
        var value = side is PathSyntax { Parts: [var word] } ? word : ((TextSyntax)side).Text;
        if (context.Tags.TryGetValue(key, out var tiers) && !tiers.IsEmpty && !tiers.Contains(value))
        {
            context.Error(side.Span, $"tag `{key}` has no tier `{value}`{Suggestions.DidYouMean(value, tiers)}; expected one of {string.Join(", ", tiers)}");
            return null;
        }

        return new Constant(StaticType.Text, context.TextOf(side), Value.Of(value));
    }

    /// <summary>Text in quotes beside an instant or a date is read as one.</summary>
    private static Expression? ReadLiteral(Expression side, StaticType other, Syntax syntax, BindingContext context)
    {
        if (side is not Constant { Type: StaticType.Text } constant || other is not (StaticType.Instant or StaticType.Date))
            return side;
        var kind = other == StaticType.Instant ? ValueKind.Instant : ValueKind.Date;
        if (Ordering.TryAs(constant.Value, kind, context.Zone, out var value))
            return new Constant(other, side.Text, value);
        context.Error(syntax.Span, $"{side.Text} is no {(other == StaticType.Instant ? "instant" : "date")}; expected \"2026-01-31\"{(other == StaticType.Instant ? " or \"2026-01-31T12:00:00Z\"" : "")}");
        return null;
    }

    private static bool Comparable(StaticType left, StaticType right) =>
        left == right || left == StaticType.Any || right == StaticType.Any
        || (left, right) is (StaticType.Instant, StaticType.Date) or (StaticType.Date, StaticType.Instant);

    private static bool IsNumeric(Expression expression) => expression.Type is StaticType.Number or StaticType.Any;

    private static string Symbol(BinaryOperator @operator) => @operator switch
    {
        BinaryOperator.Add => "+",
        BinaryOperator.Subtract => "-",
        BinaryOperator.Multiply => "*",
        _ => "/",
    };
}
