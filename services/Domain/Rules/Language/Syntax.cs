using System.Collections.Immutable;

namespace TaggingPipeline.Domain.Rules.Language;

/// <summary>Where something stands in an expression's text: a zero-based offset and a length, in UTF-16 units.</summary>
public readonly record struct TextSpan(int Start, int Length)
{
    public int End => Start + Length;

    public static TextSpan Between(TextSpan first, TextSpan last) => new(first.Start, last.End - first.Start);
}

/// <summary>An expression as it is written, before names and types are checked.</summary>
public abstract record Syntax(TextSpan Span);

/// <summary>A number, as <c>12</c> or <c>0.5</c>.</summary>
public sealed record NumberSyntax(TextSpan Span, decimal Number) : Syntax(Span);

/// <summary>Text in double or single quotes.</summary>
public sealed record TextSyntax(TextSpan Span, string Text) : Syntax(Span);

/// <summary><c>true</c> or <c>false</c>.</summary>
public sealed record BooleanSyntax(TextSpan Span, bool Holds) : Syntax(Span);

/// <summary>A duration, as <c>90d</c> or <c>36h</c>.</summary>
public sealed record DurationSyntax(TextSpan Span, long Milliseconds) : Syntax(Span);

/// <summary><c>now</c>: the instant as of which the expression is evaluated.</summary>
public sealed record NowSyntax(TextSpan Span) : Syntax(Span);

/// <summary>
/// A dotted name: a property within a filter (<c>category</c>, <c>context.page.url</c>), a trait (<c>trait.age</c>: the first part is
/// "trait"), or a bare word where a tag's value is expected (<c>high</c>).
/// </summary>
public sealed record PathSyntax(TextSpan Span, ImmutableArray<string> Parts) : Syntax(Span);

/// <summary><c>name(arguments)</c>. The arguments of an aggregate start with an <see cref="EventsSyntax"/>.</summary>
public sealed record CallSyntax(TextSpan Span, string Name, TextSpan NameSpan, ImmutableArray<Syntax> Arguments) : Syntax(Span);

/// <summary>
/// Which events an aggregate looks at: <c>purchase["Order Completed"][total &gt; 100].total since X</c>. Appears only as the first
/// argument of a call. A bare <c>purchase</c> or <c>purchase.total</c> as first argument of an aggregate is read as this, not as a path.
/// </summary>
/// <param name="Kind">purchase, browse, interaction, profile, identity or event.</param>
/// <param name="Name">The event name in brackets, if any.</param>
/// <param name="Filter">The conditions in brackets, joined by <c>and</c>, if any.</param>
/// <param name="Field">The path after the brackets; empty if there is none.</param>
/// <param name="Since">The instant after <c>since</c>: only later events count.</param>
public sealed record EventsSyntax(
    TextSpan Span, string Kind, string? Name, Syntax? Filter, ImmutableArray<string> Field, Syntax? Since) : Syntax(Span);

/// <summary><c>tag(key)</c>, in conditions of segments.</summary>
public sealed record TagSyntax(TextSpan Span, string Key, TextSpan KeySpan) : Syntax(Span);

public enum UnaryOperator { Not, Negate }

public sealed record UnarySyntax(TextSpan Span, UnaryOperator Operator, Syntax Operand) : Syntax(Span);

public enum BinaryOperator { Or, And, Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, Add, Subtract, Multiply, Divide }

public sealed record BinarySyntax(TextSpan Span, BinaryOperator Operator, Syntax Left, Syntax Right) : Syntax(Span);

/// <summary><c>x in (a, b)</c> or <c>x not in (a, b)</c>.</summary>
public sealed record InSyntax(TextSpan Span, Syntax Operand, ImmutableArray<Syntax> Options, bool Negated) : Syntax(Span);

/// <summary><c>value if condition</c> or <c>value if condition else other</c>.</summary>
public sealed record IfSyntax(TextSpan Span, Syntax Then, Syntax Condition, Syntax? Else) : Syntax(Span);

/// <summary>Something wrong with an expression.</summary>
/// <param name="Message">What, what was expected, and a near name if there is one.</param>
public sealed record SyntaxError(TextSpan Span, string Message);

/// <summary>What the parser made of a text: a tree without errors, or errors (and perhaps no tree).</summary>
public sealed record ParsedExpression(Syntax? Root, ImmutableArray<SyntaxError> Errors);
