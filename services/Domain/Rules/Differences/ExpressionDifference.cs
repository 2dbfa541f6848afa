using System.Collections.Immutable;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Rules.Differences;

/// <summary>What differs between two expressions, in words.</summary>
/// <remarks>
/// Both trees are walked at once. Where they are of one shape, what stands at their leaves is told: <c>window 60d → 45d, threshold 2 → 3</c>. Otherwise, and where that
/// were a long list, both are told as they are written.
/// </remarks>
internal sealed class ExpressionDifference
{
    private const int MostParts = 4;

    private readonly string _before;
    private readonly string _after;
    private readonly List<string> _parts = [];

    private ExpressionDifference(string before, string after) => (_before, _after) = (before, after);

    /// <param name="before">Written otherwise than <paramref name="after"/>.</param>
    public static string Between(string before, string after)
    {
        var whole = $"{Quoted(before)} → {Quoted(after)}";
        if (Parser.Parse(before).Root is not { } one || Parser.Parse(after).Root is not { } other)
            return whole;
        var difference = new ExpressionDifference(before, after);
        if (!difference.AreAlike(one, other))
            return whole;
        var parts = difference._parts.Distinct(StringComparer.Ordinal).ToArray();
        return parts.Length switch
        {
            0 => $"written otherwise, and the same: {whole}",
            > MostParts => whole,
            _ => string.Join(", ", parts),
        };
    }

    /// <summary>An expression in a line of text.</summary>
    public static string Quoted(string expression) => $"`{OnOneLine(expression)}`";

    /// <summary>Notes what differs at the leaves.</summary>
    /// <param name="role">What a value stands for there; null where its kind says so.</param>
    /// <returns>False for trees of different shapes.</returns>
    private bool AreAlike(Syntax before, Syntax after, string? role = null)
    {
        switch (before, after)
        {
            case (NowSyntax, NowSyntax):
                return true;
            case (NumberSyntax or UnarySyntax { Operator: UnaryOperator.Negate, Operand: NumberSyntax }, NumberSyntax or UnarySyntax { Operator: UnaryOperator.Negate, Operand: NumberSyntax }):
                return Note(role ?? "number", NumberOf(before) == NumberOf(after), before, after);
            case (TextSyntax one, TextSyntax other):
                return Note(role ?? "text", one.Text == other.Text, before, after);
            case (BooleanSyntax one, BooleanSyntax other):
                return Note(role ?? "value", one.Holds == other.Holds, before, after);
            case (DurationSyntax or WindowSyntax, DurationSyntax or WindowSyntax):
                return Note(role ?? "duration", before with { Span = default } == after with { Span = default }, before, after);
            case (PathSyntax one, PathSyntax other):
                return Note(role ?? "field", AreEqual(one.Parts, other.Parts), before, after);
            case (TagSyntax one, TagSyntax other):
                return Note("tag", one.Key == other.Key, one.Key, other.Key);
            case (SegmentSyntax one, SegmentSyntax other):
                return Note("segment", one.Key == other.Key, one.Key, other.Key);
            case (UnarySyntax one, UnarySyntax other):
                return one.Operator == other.Operator && AreAlike(one.Operand, other.Operand);
            case (BinarySyntax one, BinarySyntax other):
                return Note("operator", one.Operator == other.Operator, SignOf(one.Operator), SignOf(other.Operator))
                    && AreAlike(one.Left, other.Left, RoleIn(one, one.Left)) && AreAlike(one.Right, other.Right, RoleIn(one, one.Right));
            case (IfSyntax one, IfSyntax other):
                return AreAlike(one.Then, other.Then) && AreAlike(one.Condition, other.Condition) && AreBothAlike(one.Else, other.Else);
            case (InSyntax one, InSyntax other):
                return Note("operator", one.Negated == other.Negated, one.Negated ? "not in" : "in", other.Negated ? "not in" : "in")
                    && AreAlike(one.Operand, other.Operand) && HaveOptionsAlike(one, other);
            case (CallSyntax one, CallSyntax other):
                return Note("function", one.Name == other.Name, one.Name, other.Name) && HaveArgumentsAlike(one, other);
            case (EventsSyntax one, EventsSyntax other):
                return AreEventsAlike(one, other);
            default:
                return false;
        }
    }

    private bool AreBothAlike(Syntax? before, Syntax? after) => before is null || after is null ? before is null && after is null : AreAlike(before, after);

    private bool HaveArgumentsAlike(CallSyntax before, CallSyntax after)
    {
        if (before.Arguments.Length != after.Arguments.Length)
            return false;
        for (var i = 0; i < before.Arguments.Length; i++)
        {
            if (!AreAlike(before.Arguments[i], after.Arguments[i], i > 0 && before.Arguments[0] is EventsSyntax ? "window" : null))
                return false;
        }

        return true;
    }

    private bool HaveOptionsAlike(InSyntax before, InSyntax after)
    {
        if (before.Options.Length != after.Options.Length)
            return Note("options", isSame: false, OptionsOf(before, _before), OptionsOf(after, _after));
        return before.Options.Zip(after.Options).All(pair => AreAlike(pair.First, pair.Second, "value"));
    }

    private bool AreEventsAlike(EventsSyntax before, EventsSyntax after)
    {
        if (before.Name is null != after.Name is null || !AreEqual(before.List, after.List) || before.Field.IsEmpty != after.Field.IsEmpty || before.Then.Length != after.Then.Length)
            return false;
        return Note("events", before.Kind == after.Kind, before.Kind, after.Kind)
            && Note("event", before.Name == after.Name, $"\"{before.Name}\"", $"\"{after.Name}\"")
            && AreBothAlike(before.Filter, after.Filter)
            && AreBothAlike(before.ItemFilter, after.ItemFilter)
            && Note("field", AreEqual(before.Field, after.Field), string.Join('.', before.Field), string.Join('.', after.Field))
            && AreBothAlike(before.Computed, after.Computed)
            && AreBothAlike(before.Since, after.Since)
            && before.Then.Zip(after.Then).All(pair => pair.First.IsAbsent == pair.Second.IsAbsent
                && AreEventsAlike(pair.First.Events, pair.Second.Events)
                && Note("within", pair.First.Milliseconds == pair.Second.Milliseconds, DurationText.Format(pair.First.Milliseconds), DurationText.Format(pair.Second.Milliseconds)));
    }

    private bool Note(string role, bool isSame, Syntax before, Syntax after) => Note(role, isSame, TextOf(before, _before), TextOf(after, _after));

    private bool Note(string role, bool isSame, string before, string after)
    {
        if (!isSame)
            _parts.Add($"{role} {before} → {after}");
        return true;
    }

    private static string? RoleIn(BinarySyntax comparison, Syntax operand) => comparison.Operator is >= BinaryOperator.Equal and <= BinaryOperator.GreaterOrEqual
        ? operand switch
        {
            NumberSyntax or UnarySyntax or DurationSyntax => "threshold",
            TextSyntax => "value",
            PathSyntax { Parts.Length: 1 } => "value",
            _ => null,
        }
        : null;

    private static decimal NumberOf(Syntax number) => number is UnarySyntax { Operand: NumberSyntax negated } ? -negated.Number : ((NumberSyntax)number).Number;

    private static bool AreEqual(ImmutableArray<string> one, ImmutableArray<string> other) => one.AsSpan().SequenceEqual(other.AsSpan());

    private static string OptionsOf(InSyntax choice, string text) => $"({string.Join(", ", choice.Options.Select(option => TextOf(option, text)))})";

    private static string TextOf(Syntax syntax, string text) => OnOneLine(text.Substring(syntax.Span.Start, syntax.Span.Length));

    private static string OnOneLine(string text) => string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private static string SignOf(BinaryOperator operation) => operation switch
    {
        BinaryOperator.Or => "or",
        BinaryOperator.And => "and",
        BinaryOperator.Equal => "=",
        BinaryOperator.NotEqual => "!=",
        BinaryOperator.Less => "<",
        BinaryOperator.LessOrEqual => "<=",
        BinaryOperator.Greater => ">",
        BinaryOperator.GreaterOrEqual => ">=",
        BinaryOperator.Add => "+",
        BinaryOperator.Subtract => "-",
        BinaryOperator.Multiply => "*",
        BinaryOperator.Divide => "/",
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, null),
    };
}
