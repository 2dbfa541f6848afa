using System.Text;
using TaggingPipeline.Domain.Specs.Language;
using TaggingPipeline.Domain.Specs.Naive;

namespace TaggingPipeline.Domain.Specs.Rulebooks;

/// <summary>Random rulebook files in all the ways that YAML lets one write them, with comments everywhere. They compile.</summary>
internal sealed class SloppyRulebook(Random random)
{
    private readonly StringBuilder _file = new();
    private int _comments;

    /// <summary>How far in a comment may stand; further in it would be part of the text above.</summary>
    private int _deepestComment = int.MaxValue;

    public string Write()
    {
        Between(0);
        Line(0, $"rulebook:{Blanks()}shop");
        Line(0, "timezone: Europe/London");
        Between(0);
        Line(0, "tags:");
        var indentation = random.Next(0, 5);
        for (var i = random.Next(1, 5); i > 0; i--)
            WriteTag($"t{i}", indentation);
        if (random.Next(2) == 0)
        {
            Line(0, $"segments :{Blanks()}");
            Line(indentation, "- key: s");
            Line(indentation + 2, "when: 'tag( t1 )and trait.name=''it  s''' ");
        }

        Between(random.Next(6));
        return _file.ToString();
    }

    private void WriteTag(string key, int indentation)
    {
        Between(random.Next(indentation + 4));
        var dash = "-" + Blanks();
        var own = indentation + dash.Length;
        if (random.Next(5) == 0)
        {
            Line(indentation, $"{dash}{{ key: {key},category: value , value: \"{Expression(RandomRules.Value(random), "").Replace("\"", "\\\"", StringComparison.Ordinal)}\" }}");
            return;
        }

        Line(indentation, $"{dash}key:{Blanks()}{key}");
        Between(random.Next(own + 3));
        Line(own, $"category:{Blanks()}value");
        if (random.Next(3) == 0)
            Line(own, "name: |+\n" + new string(' ', own + 2) + "# no comment  \n\n" + new string(' ', own + 4) + "but  a name");
        switch (random.Next(3))
        {
            case 0:
                WriteExpression(own, "when", RandomRules.Condition(random));
                break;
            case 1:
                WriteExpression(own, "value", RandomRules.Value(random));
                break;
            default:
                Line(own, "tiers:");
                var tiers = own + random.Next(1, 4);
                foreach (var tier in new[] { "high", "middle", "low" })
                    WriteExpression(tiers, tier, RandomRules.Condition(random, 1));
                break;
        }
    }

    private void WriteExpression(int indentation, string key, string expression)
    {
        var more = "\n" + new string(' ', indentation + random.Next(1, 6));
        var head = key + (random.Next(6) == 0 ? " :" : ":");
        switch (random.Next(6))
        {
            case 0:
                Line(indentation, $"{head}{Blanks()}'{Expression(expression, more).Replace("'", "''", StringComparison.Ordinal)}'");
                break;
            case 1:
                Line(indentation, $"{head}{Blanks()}\"{Expression(expression, more).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
                break;
            case 2:
                _file.Append(' ', indentation).Append($"{head} {(random.Next(2) == 0 ? '|' : '>')}{(random.Next(2) == 0 ? "-" : "")}{Comment()}{more}{Expression(expression, more + " ")}\n");
                _deepestComment = indentation;
                break;
            case 3:
                Line(indentation, $"{head}{more}{Expression(expression, more)}");
                break;
            default:
                Line(indentation, $"{head}{Blanks()}{Expression(expression, more)}");
                break;
        }
    }

    private string Expression(string expression, string lineBreak) => SloppyText.Of(expression, random, lineBreak);

    private void Line(int indentation, string text)
    {
        _file.Append(' ', indentation).Append(text).Append(text.Contains('|') ? "" : Comment()).Append('\n');
        _deepestComment = int.MaxValue;
    }

    private string Comment() => random.Next(5) == 0 ? $"{Blanks()}# end {_comments++}: x  and [y" : new(' ', random.Next(3) == 0 ? 2 : 0);

    private string Blanks() => new(' ', random.Next(1, 4));

    /// <summary>Empty lines and comments.</summary>
    private void Between(int indentation)
    {
        indentation = Math.Min(indentation, _deepestComment);
        for (var i = random.Next(4); i > 0; i--)
            _file.Append(random.Next(2) == 0 ? new string(' ', random.Next(3)) : $"{new string(' ', indentation)}# line {_comments++}: - x  \"").Append('\n');
    }
}
