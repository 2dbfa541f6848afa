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
/// <param name="Kind">purchase, browse, interaction, profile, identity or event; empty within a filter, where only a list of the event is looked at.</param>
/// <param name="Name">The event name in brackets, if any.</param>
/// <param name="Filter">The conditions in brackets, joined by <c>and</c>, if any.</param>
/// <param name="List">For <c>purchase.products[…]</c>: the path of the list whose items are looked at instead of events; empty if they are events.</param>
/// <param name="ItemFilter">The condition in the list's brackets, if any.</param>
/// <param name="Field">The path after the brackets; empty if there is none, or something computed.</param>
/// <param name="Computed">For <c>purchase.(total - tax)</c> and <c>purchase.total - tax</c>: what is computed of the fields of each event or item.</param>
/// <param name="Since">The instant after <c>since</c>: only later events count.</param>
/// <param name="Then">What must, or must not, follow each of the events.</param>
public sealed record EventsSyntax(
    TextSpan Span, string Kind, string? Name, Syntax? Filter, ImmutableArray<string> List, Syntax? ItemFilter, ImmutableArray<string> Field, Syntax? Computed,
    Syntax? Since, ImmutableArray<StepSyntax> Then) : Syntax(Span);

/// <summary>A further step of a sequence: <c>then purchase within 2h</c>, <c>then no purchase within 2h</c>.</summary>
/// <param name="IsAbsent">It must not happen.</param>
/// <param name="Events">Without field, list, since or further steps.</param>
/// <param name="Milliseconds">How long after the step before.</param>
public sealed record StepSyntax(TextSpan Span, bool IsAbsent, EventsSyntax Events, long Milliseconds);

/// <summary>A window other than a plain duration: <c>today</c>, <c>last month</c>, <c>3 calendar days</c>, <c>previous 30d</c>.</summary>
/// <param name="Unit">What it is counted in; null for milliseconds.</param>
/// <param name="Length">How many units it holds.</param>
/// <param name="Offset">How many units before the present one it ends; 0 for a window up to now.</param>
public sealed record WindowSyntax(TextSpan Span, CalendarUnit? Unit, long Length, long Offset) : Syntax(Span);

/// <summary>Units of the calendar. Weeks start on Monday (ISO 8601), quarters in January, April, July and October.</summary>
public enum CalendarUnit { Day, Week, Month, Quarter, Year }

/// <summary><c>tag(key)</c>.</summary>
public sealed record TagSyntax(TextSpan Span, string Key, TextSpan KeySpan) : Syntax(Span);

/// <summary><c>segment(key)</c>.</summary>
public sealed record SegmentSyntax(TextSpan Span, string Key, TextSpan KeySpan) : Syntax(Span);

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
