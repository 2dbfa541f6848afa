using System.Collections.Immutable;

namespace TaggingPipeline.Domain.Rules.Language;

/// <summary>One clause of an expression, as reasons show it.</summary>
/// <param name="Text">The clause as it is written.</param>
/// <param name="IsQuestion">Whether it holds or does not; otherwise it looks something up.</param>
public sealed record ClauseText(string Text, TextSpan Span, bool IsQuestion)
{
    /// <summary>
    /// All clauses of an expression: what <c>and</c>, <c>or</c>, <c>not</c> and <c>if</c> join, and what a score against the population is of. A reason has those of them that were looked at, with the same texts. Empty
    /// for a text that is no expression.
    /// </summary>
    /// <param name="isCondition">Whether the expression itself holds or not, as that of <c>when:</c>; otherwise it is a value.</param>
    public static ImmutableArray<ClauseText> Of(string expression, bool isCondition)
    {
        var clauses = ImmutableArray.CreateBuilder<ClauseText>();
        if (Parser.Parse(expression).Root is { } root)
            Gather(root, isCondition);
        return clauses.DrainToImmutable();

        void Gather(Syntax syntax, bool isQuestion)
        {
            switch (syntax)
            {
                case BinarySyntax { Operator: BinaryOperator.And or BinaryOperator.Or } junction:
                    Gather(junction.Left, true);
                    Gather(junction.Right, true);
                    break;
                case UnarySyntax { Operator: UnaryOperator.Not } negation:
                    Gather(negation.Operand, true);
                    break;
                case IfSyntax choice:
                    Gather(choice.Condition, true);
                    Gather(choice.Then, isQuestion);
                    if (choice.Else is { } otherwise)
                        Gather(otherwise, isQuestion);
                    break;
                case CallSyntax { Name: "quintile" or "percentile", Arguments: [var scored, ..] }:
                    Add(syntax, isQuestion);
                    Gather(scored, false);
                    break;
                default:
                    Add(syntax, isQuestion);
                    break;
            }
        }

        void Add(Syntax syntax, bool isQuestion) => clauses.Add(new(expression.Substring(syntax.Span.Start, syntax.Span.Length), syntax.Span, isQuestion));
    }
}
