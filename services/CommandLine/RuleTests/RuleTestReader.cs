using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.CommandLine.RuleTests;

/// <summary>Reads the tests of a file under their rulebook; what may stand in it is told in docs/rule-tests.md.</summary>
internal sealed class RuleTestReader
{
    internal static readonly string[] FileKeys = ["rulebook", "population", "tests"];
    internal static readonly string[] TestKeys = ["name", "traits", "events", "at", "expect", "changes", "segments", "then"];
    internal static readonly string[] CheckpointKeys = ["at", "events", "expect", "changes", "segments"];

    private readonly TestNodes _nodes;
    private readonly TestedRulebook _rulebook;
    private readonly ExpectationReader _expectations;

    private RuleTestReader(TestNodes nodes, TestedRulebook rulebook)
    {
        _nodes = nodes;
        _rulebook = rulebook;
        _expectations = new(nodes, rulebook);
    }

    /// <summary>The tests of a file that <see cref="TestNodes.Keys"/> has read; errors are in the nodes.</summary>
    public static ImmutableArray<RuleTest> Read(YamlNode? tests, TestNodes nodes, TestedRulebook rulebook)
    {
        var reader = new RuleTestReader(nodes, rulebook);
        return [.. nodes.Items(tests, "tests", "a list, each item starting with `- name:`").Select(reader.ReadTest).OfType<RuleTest>()];
    }

    private RuleTest? ReadTest(YamlNode node, int index)
    {
        var where = node is YamlMapping map && map.Entries.FirstOrDefault(entry => entry.Key.Text.Text == "name").Value is YamlScalar { IsNull: false } given
            ? $"test {given.Text.Text}"
            : $"test number {index + 1}";
        if (_nodes.Keys(node, where, TestKeys) is not { } keys)
            return null;
        if (!keys.TryGetValue("name", out var name))
            _nodes.Fail(node, where, "the key `name` is missing: expected what the test shows, in a sentence");
        else
            _nodes.Text(name, where, "what the test shows, in a sentence");
        var events = new EventReader(_nodes, _rulebook.Compiled);
        if (ReadCheckpoint(node, keys, where, events, after: null) is not { } first)
            return null;
        if (keys.TryGetValue("traits", out var traits))
            first = first with { Events = [events.Profile(traits, where, BeforeAll(first)), .. first.Events] };
        var checkpoints = ImmutableArray.Create(first);
        foreach (var then in _nodes.Items(keys.GetValueOrDefault("then"), where, "a list of later instants, each item starting with `- at:`"))
        {
            if (_nodes.Keys(then, where, CheckpointKeys) is not { } more || ReadCheckpoint(then, more, where, events, checkpoints[^1].At) is not { } next)
                return null;
            checkpoints = checkpoints.Add(next);
        }

        return new(where["test ".Length..], node.At.Line, checkpoints);
    }

    /// <summary>A second before anything else.</summary>
    private static Instant BeforeAll(Checkpoint first) =>
        first.Events.Select(told => told.Event.OccurredAt).Append(first.At).Min() - Duration.FromSeconds(1);

    private Checkpoint? ReadCheckpoint(YamlNode node, Dictionary<string, YamlNode> keys, string where, EventReader events, Instant? after)
    {
        var expected = after is null ? WrittenInstant.Forms : $"{WrittenInstant.Forms}, or a time from the instant before on, such as `+3d`";
        if (!keys.TryGetValue("at", out var written))
        {
            _nodes.Fail(node, where, $"the key `at` is missing: expected the instant for which tags are looked at: {expected}");
            return null;
        }

        if (_nodes.Text(written, where, expected) is not { } text)
            return null;
        if (WrittenInstant.Read(text, _rulebook.Compiled.Zone, after) is not { } at)
        {
            _nodes.Fail(written, where, $"`{text}` is no time: expected {expected}");
            return null;
        }

        if (after is { } earlier && at <= earlier)
            _nodes.Fail(written, where, $"expected an instant after the one before, {ChangeExpectation.TextOf(earlier)}");
        var told = events.Read(keys.GetValueOrDefault("events"), where, at);
        var expectations = _expectations.Read(keys, where, at);
        if (!keys.Keys.Any(ExpectationReader.Keys.Contains))
            _nodes.Fail(node, where, "nothing is expected: expected one of `expect`, `changes` and `segments`");
        return new(at, [.. told], [.. expectations]);
    }
}
