using System.Collections.Immutable;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Expressions;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Rules.Binding;

/// <summary>Checks names and types of an expression, and makes it one that can be evaluated.</summary>
/// <remarks>Reports every error it finds; null then stands for what could not be bound.</remarks>
internal static class Binder
{
    public static Expression? Bind(Syntax syntax, BindingContext context)
    {
        var text = context.TextOf(syntax);
        switch (syntax)
        {
            case NumberSyntax number:
                return new Constant(StaticType.Number, text, Value.Of(number.Number));
            case TextSyntax literal:
                return new Constant(StaticType.Text, text, Value.Of(literal.Text));
            case BooleanSyntax boolean:
                return new Constant(StaticType.Boolean, text, Value.Of(boolean.Holds));
            case DurationSyntax duration:
                return new Constant(StaticType.Duration, text, Value.DurationOf(duration.Milliseconds));
            case NowSyntax:
                return Refuse(context, syntax, "now") ? null : new Now(text);
            case PathSyntax path:
                return NameBinding.BindPath(path, context);
            case TagSyntax tag:
                return NameBinding.BindTag(tag, context);
            case SegmentSyntax segment:
                return NameBinding.BindSegment(segment, context);
            case CallSyntax call:
                return FunctionBinding.Bind(call, context);
            case UnarySyntax { Operator: UnaryOperator.Not } not:
                return BindCondition(not.Operand, context) is { } operand ? new Negation(text, operand) : null;
            case UnarySyntax negate:
                return BindNumber(negate.Operand, context) is { } negated ? new Negative(text, negated) : null;
            case BinarySyntax { Operator: BinaryOperator.And or BinaryOperator.Or } junction:
                return BindJunction(junction, context);
            case BinarySyntax { Operator: BinaryOperator.Add or BinaryOperator.Subtract or BinaryOperator.Multiply or BinaryOperator.Divide } arithmetic:
                return OperatorBinding.BindArithmetic(arithmetic, context);
            case BinarySyntax comparison:
                return OperatorBinding.BindComparison(comparison, context);
            case InSyntax inclusion:
                return OperatorBinding.BindInclusion(inclusion, context);
            case IfSyntax choice:
                return BindChoice(choice, context);
            default:
                context.Error(syntax.Span, "events stand inside a function, as in `count(purchase)`");
                return null;
        }
    }

    /// <summary>An expression where something must hold or not.</summary>
    public static Expression? BindCondition(Syntax syntax, BindingContext context)
    {
        var bound = Bind(syntax, context);
        if (bound is TagName)
            return new IsPresent(bound);
        if (bound is null || bound.Type is StaticType.Boolean or StaticType.Any)
            return bound;
        context.Error(syntax.Span, $"`{bound.Text}` is {OperatorBinding.Describe(bound.Type)}; expected a condition, such as `{bound.Text} > …`");
        return null;
    }

    public static Expression? BindNumber(Syntax syntax, BindingContext context) => BindAs(StaticType.Number, syntax, context);

    /// <summary>An expression of a type, or one whose type shows only when it is evaluated.</summary>
    public static Expression? BindAs(StaticType type, Syntax syntax, BindingContext context)
    {
        var bound = Bind(syntax, context);
        if (bound is null || bound.Type == type || bound.Type == StaticType.Any)
            return bound;
        context.Error(syntax.Span, $"`{bound.Text}` is {OperatorBinding.Describe(bound.Type)}; expected {OperatorBinding.Describe(type)}");
        return null;
    }

    /// <summary>Reports a thing that has no place in filters or segments.</summary>
    public static bool Refuse(BindingContext context, Syntax syntax, string what)
    {
        switch (context.Place)
        {
            case ExpressionPlace.Filter:
                context.Error(syntax.Span, $"{what} cannot stand in a filter, which looks at one event only; expected a property of the event");
                return true;
            case ExpressionPlace.Segment:
                context.Error(syntax.Span, $"{what} cannot stand in a segment, which has no clock and no events of its own; put it into a tag and write `tag(key)` here");
                return true;
            default:
                return false;
        }
    }

    private static Junction? BindJunction(BinarySyntax syntax, BindingContext context)
    {
        var left = BindCondition(syntax.Left, context);
        var right = BindCondition(syntax.Right, context);
        return left is null || right is null ? null : new(context.TextOf(syntax), syntax.Operator == BinaryOperator.And, left, right);
    }

    private static Choice? BindChoice(IfSyntax syntax, BindingContext context)
    {
        var then = Bind(syntax.Then, context);
        var condition = BindCondition(syntax.Condition, context);
        var otherwise = syntax.Else is null ? null : Bind(syntax.Else, context);
        if (then is null || condition is null || (syntax.Else is not null && otherwise is null))
            return null;
        var type = otherwise is null || otherwise.Type == then.Type ? then.Type : StaticType.Any;
        return new(type, context.TextOf(syntax), then, condition, otherwise);
    }
}
