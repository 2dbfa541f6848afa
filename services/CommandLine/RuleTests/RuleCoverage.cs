using System.Collections.Immutable;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.CommandLine.RuleTests;

/// <summary>Which outcomes of a rulebook's clauses, tiers, tags and segments tests have looked at.</summary>
/// <remarks>
/// Only what a test expects something of is looked at: a rule that runs along and could come out in any way is not covered by that. A clause has two outcomes, one that looks
/// something up has one; a tier, a tag and a segment has one, which is to be reached. Looking may go on in several threads at once, asking only after that.
/// </remarks>
internal sealed class RuleCoverage
{
    private readonly Lock _looking = new();
    private readonly List<Point> _points = [];
    private readonly Dictionary<(string Rule, string Text), Point> _clauses = [];
    private readonly Dictionary<(string Rule, string Tier), Point> _reached = [];
    private readonly HashSet<string> _lookedAt = new(StringComparer.Ordinal);

    public RuleCoverage(TestedRulebook rulebook)
    {
        Path = rulebook.Path;
        foreach (var tag in rulebook.Definition.Tags)
        {
            var rule = $"tag {tag.Key.Text}";
            if (tag.Tiers.IsEmpty)
                AddReached(rule, "", tag.Key.At, "held");
            foreach (var tier in tag.Tiers)
            {
                AddReached(rule, tier.Name.Text, tier.Name.At, "reached");
                AddClauses(rule, tier.Condition, isCondition: true);
            }

            if ((tag.When ?? tag.Value) is { } expression)
                AddClauses(rule, expression, isCondition: tag.When is not null);
        }

        foreach (var segment in rulebook.Definition.Segments)
        {
            AddReached($"segment {segment.Key.Text}", "", segment.Key.At, "entered");
            AddClauses($"segment {segment.Key.Text}", segment.When, isCondition: true);
        }
    }

    /// <summary>Of the rulebook.</summary>
    public string Path { get; }

    public int Outcomes => _points.Sum(point => point.Outcomes);

    public int Covered => _points.Sum(point => point.Covered);

    /// <summary>In whole percent, rounded down, so that 100 is all of it.</summary>
    public int Percent => Outcomes == 0 ? 100 : 100 * Covered / Outcomes;

    public void LookAtTag(RuleOutcome outcome)
    {
        var rule = $"tag {outcome.Key}";
        using var _ = _looking.EnterScope();
        _lookedAt.Add(rule);
        if (!outcome.Value.IsMissing)
            Reach(rule, outcome.Value.Kind == ValueKind.Text && _reached.ContainsKey((rule, outcome.Value.AsText)) ? outcome.Value.AsText : "");
        See(rule, outcome.Reason.Clauses);
    }

    public void LookAtSegment(string key, bool isMember, ImmutableArray<Clause> clauses)
    {
        using var _ = _looking.EnterScope();
        _lookedAt.Add($"segment {key}");
        if (isMember)
            Reach($"segment {key}", "");
        See($"segment {key}", clauses);
    }

    /// <summary>What no test has looked at, in the order of the rulebook: <c>line:column: where: what</c>.</summary>
    public IEnumerable<string> Gaps()
    {
        foreach (var rule in _points.OrderBy(point => (point.At.Line, point.At.Column)).GroupBy(point => point.Rule))
        {
            if (!_lookedAt.Contains(rule.Key))
                yield return $"{rule.First().At}: {rule.Key}: no test expects anything of it";
            else
                foreach (var point in rule.Where(point => point.Covered < point.Outcomes))
                    yield return $"{point.At}: {rule.Key}{point.Gap}";
        }
    }

    private void AddReached(string rule, string tier, SourcePosition at, string verb) =>
        _points.Add(_reached[(rule, tier)] = new(rule, at, tier.Length == 0 ? $": never {verb}" : $", tier {tier}: never {verb}", IsQuestion: false));

    private void AddClauses(string rule, SourceText expression, bool isCondition)
    {
        foreach (var clause in ClauseText.Of(expression.Text, isCondition))
        {
            var point = new Point(rule, expression.PositionOf(clause.Span.Start), $": `{RuleTestRun.OneLine(clause.Text)}`", clause.IsQuestion);
            if (_clauses.TryAdd((rule, clause.Text), point))
                _points.Add(point);
        }
    }

    private void Reach(string rule, string tier)
    {
        if (_reached.TryGetValue((rule, tier), out var point))
            point.IsSeenTrue = true;
    }

    private void See(string rule, ImmutableArray<Clause> clauses)
    {
        foreach (var clause in clauses)
        {
            if (!_clauses.TryGetValue((rule, clause.Text), out var point))
                continue;
            if (point.IsQuestion ? clause.Holds : !clause.Actual.IsMissing)
                point.IsSeenTrue = true;
            else
                point.IsSeenFalse = true;
        }
    }

    /// <summary>Something that has one outcome or, if it is a question, two.</summary>
    private sealed record Point(string Rule, SourcePosition At, string What, bool IsQuestion)
    {
        public bool IsSeenTrue { get; set; }

        public bool IsSeenFalse { get; set; }

        public int Outcomes => IsQuestion ? 2 : 1;

        public int Covered => (IsSeenTrue ? 1 : 0) + (IsQuestion && IsSeenFalse ? 1 : 0);

        public string Gap => (IsQuestion, IsSeenTrue, IsSeenFalse) switch
        {
            (true, false, false) => $"{What} was never looked at",
            (true, true, false) => $"{What} was never false",
            (true, false, true) => $"{What} was never true",
            _ => What.StartsWith(": `", StringComparison.Ordinal) ? $"{What} never found anything" : What,
        };
    }
}
