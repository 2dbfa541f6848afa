namespace TaggingPipeline.Domain.Rules.Binding;

/// <summary>Names a rule of the rulebook.</summary>
internal readonly record struct RuleName(bool IsSegment, string Key)
{
    public static RuleName Tag(string key) => new(false, key);

    public static RuleName Segment(string key) => new(true, key);

    public override string ToString() => $"{(IsSegment ? "segment" : "tag")}({Key})";
}

/// <summary>What a rule's expressions look at.</summary>
internal sealed class RuleUses
{
    public HashSet<int> Selections { get; } = [];

    public HashSet<string> Traits { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Places of the numbers that it scores against the population.</summary>
    public HashSet<int> PopulationArguments { get; } = [];

    /// <summary>The other rules that it names, each time with where.</summary>
    public List<(RuleName Rule, SourcePosition At)> Rules { get; } = [];
}

/// <summary>Which rules name which: no rule may come back to itself, and none may be made of too many others.</summary>
internal sealed class RuleReferences(IReadOnlyDictionary<RuleName, RuleUses> uses)
{
    /// <summary>How deep rules may name rules.</summary>
    public const int Deepest = 32;

    /// <summary>Evaluating a rule evaluates every rule that it names each time that it names it, and so on: that many in all.</summary>
    public const int MostEvaluations = 1_000;

    private readonly Dictionary<RuleName, Closure> _closures = [];

    /// <summary>Everything that a rule looks at by itself and through the rules that it names.</summary>
    /// <remarks>Only for rules without errors.</remarks>
    public (IReadOnlySet<int> Selections, IReadOnlySet<string> Traits, bool LooksAtPopulation) Of(RuleName rule)
    {
        var closure = _closures[rule];
        return (closure.Selections, closure.Traits, closure.LooksAtPopulation);
    }

    /// <summary>A rule, and every one that it names, and so on.</summary>
    /// <remarks>Only for rules without errors.</remarks>
    public IReadOnlySet<RuleName> RulesOf(RuleName rule) => _closures[rule].Rules;

    /// <summary>Finds the rules that come back to themselves, or are too large.</summary>
    public IEnumerable<(RuleName Rule, SourcePosition At, string Message)> Check()
    {
        foreach (var rule in uses.Keys)
        {
            if (Visit(rule, []) is { } problem)
                yield return problem;
        }
    }

    /// <returns>What is wrong with a rule that had not been looked at before, at the place that closes the circle.</returns>
    private (RuleName Rule, SourcePosition At, string Message)? Visit(RuleName rule, List<RuleName> path)
    {
        if (_closures.ContainsKey(rule))
            return null;
        path.Add(rule);
        var closure = new Closure([rule], [.. uses[rule].Selections], new(uses[rule].Traits, StringComparer.Ordinal), uses[rule].PopulationArguments.Count > 0);
        (RuleName, SourcePosition, string)? problem = null;
        foreach (var (named, at) in uses[rule].Rules)
        {
            if (problem is not null || !uses.ContainsKey(named))
                continue;
            if (path.IndexOf(named) is >= 0 and var start)
                problem = (rule, at, $"`{named}` comes back to itself: {string.Join(" → ", path[start..].Append(named))}");
            else if (path.Count > Deepest)
                problem = (rule, at, $"rules name rules more than {Deepest} deep here");
            else if (Visit(named, path) is { } within)
                problem = within;
            else
                closure.Add(_closures[named]);
            if (problem is null && closure.Evaluations > MostEvaluations)
                problem = (rule, at, $"this rule is made of more than {MostEvaluations} other rules, each counted as often as it is named");
        }

        path.RemoveAt(path.Count - 1);
        _closures[rule] = closure;
        return problem;
    }

    private sealed class Closure(HashSet<RuleName> rules, HashSet<int> selections, HashSet<string> traits, bool looksAtPopulation)
    {
        public HashSet<RuleName> Rules { get; } = rules;

        public HashSet<int> Selections { get; } = selections;

        public HashSet<string> Traits { get; } = traits;

        public bool LooksAtPopulation { get; private set; } = looksAtPopulation;

        public int Evaluations { get; private set; } = 1;

        public void Add(Closure named)
        {
            Rules.UnionWith(named.Rules);
            Selections.UnionWith(named.Selections);
            Traits.UnionWith(named.Traits);
            LooksAtPopulation |= named.LooksAtPopulation;
            Evaluations = Math.Min(Evaluations + named.Evaluations, MostEvaluations * 2);
        }
    }
}
