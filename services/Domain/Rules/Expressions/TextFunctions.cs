using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Rules.Expressions;

/// <summary><c>lower(a)</c>, <c>upper(a)</c>: letter by letter, in no language. Missing where it is no text.</summary>
internal sealed class Cased(string text, Expression operand, bool toUpper) : Expression(StaticType.Text, text)
{
    public override Timed Evaluate(in Scope scope)
    {
        var timed = operand.Evaluate(scope);
        if (timed.Value.Kind != ValueKind.Text)
            return new(Value.Missing, timed.Until);
        return new(Value.Of(toUpper ? timed.Value.AsText.ToUpperInvariant() : timed.Value.AsText.ToLowerInvariant()), timed.Until);
    }

    public override void Touch(in Scope scope, Explanation explanation) => operand.Touch(scope, explanation);
}

internal enum TextPlace : byte { Anywhere, Start, End }

/// <summary><c>contains(a, b)</c>, <c>starts_with(a, b)</c>, <c>ends_with(a, b)</c>: character by character. False where a side is no text.</summary>
internal sealed class TextPart(string text, TextPlace place, Expression whole, Expression part) : Expression(StaticType.Boolean, text)
{
    public override Timed Evaluate(in Scope scope)
    {
        var first = whole.Evaluate(scope);
        var second = part.Evaluate(scope);
        if (first.Value.Kind != ValueKind.Text || second.Value.Kind != ValueKind.Text)
            return new(Value.False, Math.Min(first.Until, second.Until));
        var (a, b) = (first.Value.AsText, second.Value.AsText);
        var holds = place switch
        {
            TextPlace.Anywhere => a.Contains(b, StringComparison.Ordinal),
            TextPlace.Start => a.StartsWith(b, StringComparison.Ordinal),
            _ => a.EndsWith(b, StringComparison.Ordinal),
        };
        return new(Value.Of(holds), Math.Min(first.Until, second.Until));
    }

    public override void Explain(in Scope scope, Explanation explanation)
    {
        explanation.Add(Finding.Of(this, whole.Evaluate(scope).Value, part.Evaluate(scope).Value, scope));
        Touch(scope, explanation);
    }

    public override void Touch(in Scope scope, Explanation explanation)
    {
        whole.Touch(scope, explanation);
        part.Touch(scope, explanation);
    }
}

/// <summary><c>matches(a, "pattern")</c>: whether a part of the text matches. In time proportional to the text, whatever the pattern. False where it is no text.</summary>
internal sealed class TextPattern(string text, Expression whole, Regex pattern) : Expression(StaticType.Boolean, text)
{
    public override Timed Evaluate(in Scope scope)
    {
        var timed = whole.Evaluate(scope);
        return new(Value.Of(timed.Value.Kind == ValueKind.Text && pattern.IsMatch(timed.Value.AsText)), timed.Until);
    }

    public override void Explain(in Scope scope, Explanation explanation)
    {
        explanation.Add(Finding.Of(this, whole.Evaluate(scope).Value, Value.Missing, scope));
        Touch(scope, explanation);
    }

    public override void Touch(in Scope scope, Explanation explanation) => whole.Touch(scope, explanation);

    /// <summary>Reads a regular expression of the kind that is matched without going back: no look-around, no back-references, no atomic groups.</summary>
    /// <param name="problem">What is wrong with it, for a person to read.</param>
    public static bool TryRead(string pattern, [NotNullWhen(true)] out Regex? regex, out string problem)
    {
        const int LongestPattern = 500;
        regex = null;
        problem = "";
        if (pattern.Length > LongestPattern)
        {
            problem = $"it has {pattern.Length} characters; expected at most {LongestPattern}";
            return false;
        }

        try
        {
            regex = new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return true;
        }
        catch (RegexParseException failure)
        {
            problem = $"{failure.Error} at character {failure.Offset + 1}";
        }
        catch (NotSupportedException)
        {
            // The library has no other way to say what its linear matcher does not know.
            problem = "expected one without look-ahead, look-behind, references to groups, and repetitions by the thousand";
        }

        return false;
    }
}
