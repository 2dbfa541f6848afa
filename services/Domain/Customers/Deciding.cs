using System.Collections.Immutable;
using System.Runtime.InteropServices;
using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Expressions;

namespace TaggingPipeline.Domain.Customers;

/// <summary>Evaluates a rulebook's tag rules over one customer's facts as of one instant.</summary>
/// <remarks>Lives for one call, on the stack.</remarks>
internal ref struct Deciding(CustomerFacts facts, Rulebook rulebook, long asOf)
{
    /// <summary>How many instants, at which a rule might come out otherwise, are looked at before the next one is kept as it is and looked at when it comes.</summary>
    private const int MostSteps = 1_024;

    /// <summary>Whether such an instant was kept. It depends on when one looked, so the next decision looks at that rule again, and orders of events still agree.</summary>
    private bool _isUnforeseen;

    private Explanation? _explanation;

    /// <summary>The facts as they will be when waiting events have come, in order of time.</summary>
    private List<(long From, CustomerFacts Facts)>? _later;

    public Decision Decide(TagSet held, ChangeCause cause)
    {
        var isSameRulebook = rulebook.Decided(held.Rulebook);
        var isSamePopulation = isSameRulebook && held.Rulebook == rulebook.DecidesAs;
        var states = isSameRulebook ? held.Standing : Align(held);
        Span<ushort> touched = states.Chunks <= 1_024 ? stackalloc ushort[states.Chunks] : new ushort[states.Chunks];
        var before = isSameRulebook && facts.Waiting.IsEmpty && held.DecidedFrom is { Waiting.IsEmpty: true } from ? from : null;
        if (before is null)
            touched.Fill(ushort.MaxValue);
        else
            MarkTouched(touched, before, isSamePopulation, held.Unforeseen);
        var assignments = Assign(touched, states, isSameRulebook);
        var unforeseen = ImmutableArray<int>.Empty;
        var decided = states.Edit();
        var changes = ImmutableArray<TagChange>.Empty;
        var sequence = held.Sequence;

        for (var chunk = 0; chunk < touched.Length; chunk++)
        {
            if (touched[chunk] == 0 && states.DueOf(chunk) > asOf)
                continue;
            var items = states.ItemsOf(chunk);
            for (var i = 0; i < items.Length; i++)
            {
                var (state, place) = (items[i], (chunk * DueList<TagState>.ChunkSize) + i);
                if (place >= rulebook.Tags.Length)
                {
                    if (state.IsHeld)
                    {
                        changes = changes.Add(Retire(state, ++sequence));
                        decided[place] = state.Changed(Value.Missing, At, Timed.Never);
                    }

                    continue;
                }

                if ((touched[chunk] & (1 << i)) == 0 && state.Due > asOf)
                    continue;
                var rule = rulebook.Tags[place];
                _isUnforeseen = false;
                var (value, due) = Outcome(rule);
                if (_isUnforeseen)
                    unforeseen = unforeseen.Add(place);
                if (value != state.Value)
                {
                    changes = changes.Add(Change(rule, state, value, due, ++sequence, CauseOf(rule)));
                    decided[place] = state.Changed(value, At, due);
                }
                else if (due != state.Due)
                {
                    decided[place] = state.ChangingAt(due);
                }
            }
        }

        var tags = new TagSet(rulebook.DecidesAs, sequence, decided.ToList()) { DecidedFrom = facts, Unforeseen = unforeseen };
        return new(tags, changes, tags.ChangesAt) { Facts = facts, Assignments = assignments };

        ChangeCause CauseOf(TagRule rule) => held.Rulebook.Length == 0 ? cause
            : !isSameRulebook ? ChangeCause.Rulebook
            : !isSamePopulation && rule.LooksAtPopulation ? ChangeCause.Time
            : cause;
    }

    /// <summary>
    /// Puts into the facts what rules that depend on their own past have come to. That changes no value as of this instant, but how long values last: so every rule is
    /// looked at again.
    /// </summary>
    private ImmutableArray<TagAssignment> Assign(scoped Span<ushort> touched, DueList<TagState> states, bool isSameRulebook)
    {
        var assignments = ImmutableArray<TagAssignment>.Empty;
        foreach (var place in rulebook.RulesWithAPast)
        {
            if ((IsTouched(touched, place) || states[place].Due <= asOf) && rulebook.Tags[place].Assign(ScopeAt(facts, asOf)) is { } assigned)
                assignments = assignments.Add(assigned);
        }

        // What has no past any longer begins a new one, should it come back.
        foreach (var known in isSameRulebook ? [] : facts.TagFacts.Assigned)
        {
            if (!known.Value.IsMissing && !rulebook.HasAPast(known.Key))
                assignments = assignments.Add(known with { Value = Value.Missing, At = At, Sequence = known.Sequence + 1 });
        }

        if (assignments.IsEmpty)
            return assignments;
        facts = new(facts) { TagFacts = assignments.Aggregate(facts.TagFacts, (known, assigned) => known.With(assigned)) };
        touched.Fill(ushort.MaxValue);
        return assignments;

        static bool IsTouched(Span<ushort> touched, int place) => (touched[place / DueList<TagState>.ChunkSize] & (1 << (place % DueList<TagState>.ChunkSize))) != 0;
    }

    public ImmutableArray<RuleOutcome> Explain()
    {
        var outcomes = ImmutableArray.CreateBuilder<RuleOutcome>(rulebook.Tags.Length);
        foreach (var rule in rulebook.Tags)
        {
            var (value, due) = Outcome(rule);
            outcomes.Add(new(rule.Key, rule.Category, value, ReasonOf(rule), InstantOf(due)));
        }

        return outcomes.MoveToImmutable();
    }

    public Dictionary<string, Reason> Reasons(HashSet<string> keys)
    {
        var reasons = new Dictionary<string, Reason>(keys.Count, StringComparer.Ordinal);
        foreach (var rule in rulebook.Tags)
        {
            if (keys.Contains(rule.Key))
                reasons.Add(rule.Key, ReasonOf(rule));
        }

        return reasons;
    }

    private Instant At => Instant.FromUnixTimeMilliseconds(asOf);

    private Reason ReasonOf(TagRule rule) => rule.Explain(ScopeAt(facts, asOf), _explanation ??= new());

    private static Instant? InstantOf(long due) => due == Timed.Never ? null : Instant.FromUnixTimeMilliseconds(due);

    /// <summary>A rule's value, and the earliest instant at which it is another if nothing more happens.</summary>
    private (Value Value, long Due) Outcome(TagRule rule)
    {
        var current = rule.Evaluate(ScopeAt(facts, asOf));
        var arrival = NextArrival(asOf);
        var until = Timed.Reckoned(Math.Min(current.Until, arrival));
        if (current.Turns && current.Until < arrival)
            return (current.Value, until);
        for (var step = 0; until != Timed.Never; step++)
        {
            if (step == MostSteps)
            {
                _isUnforeseen = true;
                break;
            }

            var then = ScopeAt(FactsAt(until), until);
            var later = rule.Evaluate(then);
            if (later.Value != current.Value || (rule.HasAPast && rule.Assign(then) is not null))
                break;
            until = Timed.Reckoned(Math.Min(later.Until, NextArrival(until)));
        }

        return (current.Value, until);
    }

    private Scope ScopeAt(CustomerFacts known, long instant) => new() { Facts = known, AsOf = instant, Zone = rulebook.Zone, Populations = rulebook.PopulationFigures };

    /// <summary>When the next waiting event after an instant comes.</summary>
    private long NextArrival(long after)
    {
        foreach (var waiting in facts.Waiting)
        {
            if (waiting.OccurredAt.ToUnixTimeMilliseconds() is var time && time > after)
                return time;
        }

        return Timed.Never;
    }

    private CustomerFacts FactsAt(long instant)
    {
        if (facts.Waiting.IsEmpty || facts.Waiting[0].OccurredAt.ToUnixTimeMilliseconds() > instant)
            return facts;
        _later ??= Unfold();
        var index = _later.Count - 1;
        while (_later[index].From > instant)
            index--;
        return _later[index].Facts;
    }

    private List<(long From, CustomerFacts Facts)> Unfold()
    {
        var later = new List<(long, CustomerFacts)>();
        var known = facts;
        while (!known.Waiting.IsEmpty)
        {
            var arrival = known.Waiting[0].OccurredAt.ToUnixTimeMilliseconds();
            known = FactsEditor.Settled(known, arrival);
            later.Add((arrival, known));
        }

        return later;
    }

    /// <summary>Marks the rules that look at something else than they saw before.</summary>
    /// <param name="touched">A bit for each rule, in chunks as those of the states.</param>
    private readonly void MarkTouched(scoped Span<ushort> touched, CustomerFacts before, bool isSamePopulation, ImmutableArray<int> unforeseen)
    {
        Mark(touched, unforeseen.AsSpan());
        if (!isSamePopulation)
            Mark(touched, rulebook.RulesOverPopulations);
        for (var chunk = 0; chunk < facts.Series.Chunks; chunk++)
        {
            if (facts.Series.Shares(before.Series, chunk))
                continue;
            var now = facts.Series.ItemsOf(chunk);
            var then = before.Series.ItemsOf(chunk);
            for (var i = 0; i < now.Length; i++)
            {
                if (!ReferenceEquals(now[i], then[i]))
                    Mark(touched, rulebook.RulesOver((chunk * DueList<Series>.ChunkSize) + i));
            }
        }

        if (!ReferenceEquals(facts.TagFacts, before.TagFacts))
            touched.Fill(ushort.MaxValue);
        if (facts.TraitFacts != before.TraitFacts)
            Mark(touched, rulebook.RulesOverTraits);

        static void Mark(scoped Span<ushort> touched, ReadOnlySpan<int> rules)
        {
            foreach (var rule in rules)
                touched[rule / DueList<TagState>.ChunkSize] |= (ushort)(1 << (rule % DueList<TagState>.ChunkSize));
        }
    }

    private TagChange Change(TagRule rule, TagState state, Value value, long due, long sequence, ChangeCause cause) => new(
        sequence, state.KeySequence + 1, rule.Key, rule.Category, state.Value, value, At, cause,
        rulebook.DecidesAs, ReasonOf(rule), InstantOf(due));

    private TagChange Retire(TagState state, long sequence) => new(
        sequence, state.KeySequence + 1, state.Key, state.Category, state.Value, Value.Missing, At, ChangeCause.Rulebook,
        rulebook.DecidesAs, Reason.None, null);

    /// <summary>The states that another rulebook left, in the order of this one; after them those of tags that this one does not have.</summary>
    private readonly DueList<TagState> Align(TagSet held)
    {
        if (held.States.Count == 0)
            return rulebook.NotHeld;
        var byKey = held.States.ToDictionary(state => state.Key, StringComparer.Ordinal);
        var aligned = new List<TagState>(rulebook.Tags.Length);
        foreach (var initial in rulebook.NotHeld)
            aligned.Add(byKey.Remove(initial.Key, out var state) ? state.In(initial.Category) : initial);

        aligned.AddRange(held.States.Where(state => byKey.ContainsKey(state.Key)));
        return DueList<TagState>.Of(CollectionsMarshal.AsSpan(aligned));
    }
}
