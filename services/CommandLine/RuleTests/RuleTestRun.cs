using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.CommandLine.Evaluation;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.CommandLine.RuleTests;

/// <summary>Something that was not as expected.</summary>
/// <param name="What">The tag or segment.</param>
/// <param name="At">The instant looked at.</param>
/// <param name="Why">What the rule found, a line for each clause.</param>
internal sealed record TestFailure(string What, int Line, Instant At, string Expected, string Found, ImmutableArray<string> Why);

/// <param name="Failures">Empty for a test that passed.</param>
internal sealed record TestResult(RuleTest Test, ImmutableArray<TestFailure> Failures, TimeSpan Elapsed);

/// <summary>Goes through one test's events and compares what the rules come to with what is expected.</summary>
internal sealed class RuleTestRun
{
    private readonly Rulebook _rulebook;
    private readonly RuleCoverage? _coverage;
    private readonly Dictionary<string, TestEvent> _told = new(StringComparer.Ordinal);
    private readonly List<TestFailure> _failures = [];

    private RuleTestRun(Rulebook rulebook, RuleCoverage? coverage)
    {
        _rulebook = rulebook;
        _coverage = coverage;
    }

    /// <param name="coverage">Gathers what was looked at; null where nobody asks.</param>
    public static ImmutableArray<TestFailure> Run(RuleTest test, Rulebook rulebook, RuleCoverage? coverage)
    {
        var run = new RuleTestRun(rulebook, coverage);
        var walk = new History.Walk(rulebook);
        foreach (var checkpoint in test.Checkpoints)
        {
            foreach (var told in checkpoint.Events)
                run._told.Add(told.Event.Id, told);
            walk.GoTo(checkpoint.Events.Select(told => told.Event), checkpoint.At);
            run.Check(checkpoint, walk);
        }

        return [.. run._failures];
    }

    private void Check(Checkpoint checkpoint, History.Walk walk)
    {
        var facts = Tagging.Settle(walk.Facts, _rulebook, checkpoint.At);
        var outcomes = new Lazy<Dictionary<string, RuleOutcome>>(
            () => Tagging.Explain(facts, _rulebook, checkpoint.At).ToDictionary(outcome => outcome.Key, StringComparer.Ordinal));
        var held = new Lazy<Dictionary<string, Value>>(() => walk.Tags.Held.ToDictionary(tag => tag.Key, tag => tag.Value, StringComparer.Ordinal));
        foreach (var expectation in checkpoint.Expectations)
        {
            switch (expectation)
            {
                case TagExpectation tag:
                    if (!tag.IsMetBy(walk.Tags[tag.Key], _rulebook.Zone))
                        Fail(tag, "tag", walk.Tags[tag.Key] is { IsMissing: false } found ? found.ToString() : "none", Why(outcomes.Value[tag.Key].Reason));
                    break;
                case ChangeExpectation change:
                    if (ChangesAt(walk.Tags, change.Key) is var changesAt && changesAt != change.At)
                        Fail(change, "next change of tag", ChangeExpectation.TextOf(changesAt), Why(outcomes.Value[change.Key].Reason));
                    break;
                case SegmentExpectation segment:
                    var (isMember, clauses) = _rulebook.Segments.First(rule => rule.Key == segment.Key).Evaluate(held.Value, facts.Traits);
                    _coverage?.LookAtSegment(segment.Key, isMember, clauses);
                    if (isMember != segment.IsMember)
                        Fail(segment, "segment", isMember ? "true" : "false", [.. clauses.Select(TextOf)]);
                    break;
            }

            if (expectation is not SegmentExpectation && walk.Tags.Rulebook.Length > 0)
                _coverage?.LookAtTag(outcomes.Value[expectation.Key]);
        }

        void Fail(Expectation expectation, string what, string found, ImmutableArray<string> why) =>
            _failures.Add(new($"{what} {expectation.Key}", expectation.Line, checkpoint.At, expectation.Expected, found, why));
    }

    private static Instant? ChangesAt(TagSet tags, string key) => tags.States.FirstOrDefault(state => state.Key == key) is { Key: not null } state ? state.ChangesAt : null;

    private ImmutableArray<string> Why(Reason reason)
    {
        if (_told.Count == 0)
            return ["nothing has happened by then: a customer is known from their first event on"];
        return [.. reason.Clauses.Select(TextOf), .. reason.Events.Reverse().Select(id => TextOf(_told[id]))];
    }

    private static string TextOf(Clause clause)
    {
        var isQuestion = !clause.Threshold.IsMissing || clause.Actual.Kind == ValueKind.Boolean;
        var found = clause.Actual.Kind == ValueKind.Boolean ? "" : $": found {clause.Actual}";
        return $"{(!isQuestion ? "   " : clause.Holds ? "yes" : "no ")} {OneLine(clause.Text)}{found}";
    }

    private static string TextOf(TestEvent told) => $"    by line {told.Line}: {told.Event.Name}, {Value.Of(told.Event.OccurredAt)}";

    /// <summary>A clause without the line breaks that it may have in its file.</summary>
    public static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
