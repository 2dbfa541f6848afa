using System.Collections.Immutable;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace TaggingPipeline.CommandLine.Mapping;

/// <summary>Reads the parts of a mapping that look at columns: templates, amounts, conditions, and sources of properties.</summary>
/// <remarks>Each returns null after noting an error, so that all errors of a file are found in one go.</remarks>
internal sealed class ExpressionReader(ColumnUses columns, List<MappingError> errors)
{
    private static readonly string[] TextTests = ["is", "in", "startsWith", "endsWith", "contains", "empty"];
    private static readonly string[] NumberTests = ["above", "atLeast", "below", "atMost", "equals"];
    private static readonly string[] ConditionKeys = ["column", "number", .. TextTests, .. NumberTests, "all", "any", "not"];

    public Template? Template(YamlNode? node, string what)
    {
        if (node is not YamlScalarNode { Value: { } text })
        {
            if (node is not null)
                Fail(node, $"{what}: expected text{YamlSection.HintAtQuotes(node)}");
            return null;
        }

        var (template, problem) = Mapping.Template.Parse(text, name => columns.NumberOf(name, YamlSection.PositionOf(node)));
        if (problem is not null)
            Fail(node, $"{what}: {problem}");
        return template;
    }

    public Amount? Amount(YamlNode node, string what)
    {
        if (node is not YamlScalarNode { Value: { } text })
        {
            Fail(node, $"{what}: expected a column or a computation such as `Quantity * UnitPrice`");
            return null;
        }

        var (amount, problem) = new AmountParser(text, name => columns.NumberOf(name, YamlSection.PositionOf(node))).Parse();
        if (problem is not null)
            Fail(node, $"{what}: {problem}");
        return amount;
    }

    private static string NothingTested =>
        $"the condition tests nothing: give `column` and one of {string.Join(", ", TextTests)}, or `number` and one of {string.Join(", ", NumberTests)}";

    /// <summary>All the tests of one block hold together.</summary>
    public Condition? Condition(YamlNode? node)
    {
        var section = new YamlSection(node, "a condition", ConditionKeys, errors);
        if (node is not YamlMappingNode)
            return null;
        var conditions = ImmutableArray.CreateBuilder<Condition>();
        AddTextTests(section, conditions);
        AddNumberTests(section, conditions);
        if (section["all"] is { } all)
            conditions.Add(new AllCondition(Conditions(all)));
        if (section["any"] is { } any)
            conditions.Add(new AnyCondition(Conditions(any)));
        if (section["not"] is { } not && Condition(not) is { } negated)
            conditions.Add(new NotCondition(negated));
        if (conditions.Count == 0 && errors.Count == 0)
            errors.Add(new(section.At, NothingTested));
        return conditions.Count == 1 ? conditions[0] : new AllCondition(conditions.ToImmutable());
    }

    public PropertySource? Source(YamlNode node, string what)
    {
        if (node is YamlScalarNode { Style: ScalarStyle.Plain, Value: { } plain })
        {
            if (bool.TryParse(plain, out var flag))
                return new ConstantSource(Value.Of(flag));
            if (Value.TryParseNumber(plain, out var number))
                return new ConstantSource(Value.Of(number));
        }

        if (node is YamlScalarNode || YamlSection.HintAtQuotes(node).Length > 0)
            return Template(node, what) is { } template ? new TextSource(template) : null;
        var section = new YamlSection(node, what, ["text", "number", "when", "copy"], errors);
        if (section.Keys.Count() != 1)
        {
            if (errors.Count == 0)
                Fail(node, $"{what}: expected one of text, number, when and copy");
            return null;
        }

        return section.Keys.Single() switch
        {
            "number" => Amount(section["number"]!, what) is { } amount ? new NumberSource(amount) : null,
            "when" => Condition(section["when"]) is { } condition ? new ConditionSource(condition) : null,
            "copy" => section.Text("copy") is { } path ? new CopySource(columns.NumberOf(path, section.At)) : null,
            _ => Template(section["text"], what) is { } template ? new TextSource(template) : null,
        };
    }

    /// <summary>A list's items; something else than a list is an error.</summary>
    public IEnumerable<YamlNode> Items(YamlNode? node, string what)
    {
        if (node is null)
            return [];
        if (node is YamlSequenceNode sequence)
            return sequence.Children;
        Fail(node, $"{what}: expected a list");
        return [];
    }

    private ImmutableArray<Condition> Conditions(YamlNode node) =>
        [.. Items(node, "all, any").Select(Condition).OfType<Condition>()];

    private void AddTextTests(YamlSection section, ImmutableArray<Condition>.Builder conditions)
    {
        var tests = section.Keys.Intersect(TextTests).ToArray();
        if (section.Text("column") is not { } name)
        {
            if (tests is [var test, ..])
                Fail(section[test]!, $"`{test}` tests a column's text: give `column`");
            return;
        }

        var column = columns.NumberOf(name, YamlSection.PositionOf(section["column"]!));
        foreach (var test in tests)
        {
            if (TextTestOf(section, test) is var (kind, texts))
                conditions.Add(new TextCondition(column, kind, texts));
        }
    }

    private (TextTest Test, ImmutableArray<string> Texts)? TextTestOf(YamlSection section, string test)
    {
        if (test == "in")
            return (TextTest.In, [.. Items(section["in"], "in").OfType<YamlScalarNode>().Select(item => item.Value ?? "")]);
        if (test == "empty")
            return section.Flag("empty") is { } empty ? (empty ? TextTest.Empty : TextTest.NotEmpty, []) : null;
        return section.Text(test) is { } text
            ? (test switch
            {
                "is" => TextTest.Is,
                "startsWith" => TextTest.StartsWith,
                "endsWith" => TextTest.EndsWith,
                _ => TextTest.Contains,
            }, [text])
            : null;
    }

    private void AddNumberTests(YamlSection section, ImmutableArray<Condition>.Builder conditions)
    {
        var tests = section.Keys.Intersect(NumberTests).ToArray();
        if (section["number"] is not { } node)
        {
            if (tests is [var test, ..])
                Fail(section[test]!, $"`{test}` compares a number: give `number`");
            return;
        }

        if (Amount(node, "number") is not { } amount)
            return;
        foreach (var test in tests)
        {
            if (!Value.TryParseNumber(section.Text(test), out var bound))
                Fail(section[test]!, $"{test}: expected a number");
            conditions.Add(new NumberCondition(amount, test switch
            {
                "above" => NumberTest.Above,
                "atLeast" => NumberTest.AtLeast,
                "below" => NumberTest.Below,
                "atMost" => NumberTest.AtMost,
                _ => NumberTest.Equals,
            }, bound));
        }
    }

    private void Fail(YamlNode node, string message) => errors.Add(new MappingError(YamlSection.PositionOf(node), message));
}
