using System.Collections.Immutable;
using System.Runtime.InteropServices;
using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Expressions;

namespace TaggingPipeline.Domain.Customers;

/// <summary>Evaluates a rulebook's tag rules over one customer's facts as of one instant.</summary>
internal sealed class Deciding(CustomerFacts facts, Rulebook rulebook, long asOf)
{
    /// <summary>How many instants, at which a rule might come out otherwise, are looked at before the next one is kept as it is and looked at when it comes.</summary>
    private const int MostSteps = 1_024;

    /// <summary>Whether such an instant was kept. It depends on when one looked, so the next decision looks at every rule again, and orders of events still agree.</summary>
    private bool _hasUnforeseen;

    /// <summary>The facts as they will be when waiting events have come, in order of time.</summary>
    private List<(long From, CustomerFacts Facts)>? _later;

    public Decision Decide(TagSet held, ChangeCause cause)
    {
        var isSameRulebook = held.Rulebook == rulebook.Version;
        var states = isSameRulebook ? held.States : Align(held);
        var before = isSameRulebook && facts.Waiting.IsEmpty && held.DecidedFrom is { Waiting.IsEmpty: true } from ? from : null;
        TagState[]? changed = null;
        var changes = ImmutableArray<TagChange>.Empty;
        var sequence = held.Sequence;
        var next = Timed.Never;

        for (var i = 0; i < states.Length; i++)
        {
            var state = states[i];
            if (i < rulebook.Tags.Length && !(before is not null && IsUntouched(rulebook.Tags[i], before) && !IsDue(state)))
            {
                var (value, changesAt) = Outcome(rulebook.Tags[i]);
                var isOther = value != state.Value;
                if (isOther)
                {
                    var change = Change(rulebook.Tags[i], state, value, changesAt, ++sequence, isSameRulebook || held.Rulebook.Length == 0 ? cause : ChangeCause.Rulebook);
                    changes = changes.Add(change);
                    state = state with { Value = value, Since = change.At, KeySequence = change.KeySequence, ChangesAt = changesAt };
                }
                else if (changesAt != state.ChangesAt)
                {
                    state = state with { ChangesAt = changesAt };
                }
            }
            else if (i >= rulebook.Tags.Length && state.IsHeld)
            {
                var change = Retire(state, ++sequence);
                changes = changes.Add(change);
                state = state with { Value = Value.Missing, Since = change.At, KeySequence = change.KeySequence, ChangesAt = null };
            }

            if (!ReferenceEquals(state, states[i]))
            {
                changed ??= [.. states];
                changed[i] = state;
            }

            next = Math.Min(next, state.Due);
        }

        var tags = new TagSet(rulebook.Version, sequence, changed is null ? states : ImmutableCollectionsMarshal.AsImmutableArray(changed)) { DecidedFrom = _hasUnforeseen ? null : facts };
        return new(tags, changes, next == Timed.Never ? null : Instant.FromUnixTimeMilliseconds(next));
    }

    public ImmutableArray<RuleOutcome> Explain() =>
        [.. rulebook.Tags.Select(rule =>
        {
            var (value, changesAt) = Outcome(rule);
            return new RuleOutcome(rule.Key, rule.Category, value, rule.Explain(ScopeAt(facts, asOf)), changesAt);
        })];

    /// <summary>A rule's value, and the earliest instant at which it is another if nothing more happens.</summary>
    private (Value Value, Instant? ChangesAt) Outcome(TagRule rule)
    {
        var current = rule.Evaluate(ScopeAt(facts, asOf));
        var until = Math.Min(current.Until, NextArrival(asOf));
        for (var step = 0; until != Timed.Never; step++)
        {
            if (step == MostSteps)
            {
                _hasUnforeseen = true;
                break;
            }

            var later = rule.Evaluate(ScopeAt(FactsAt(until), until));
            if (later.Value != current.Value)
                break;
            until = Math.Min(later.Until, NextArrival(until));
        }

        return (current.Value, until == Timed.Never ? null : Instant.FromUnixTimeMilliseconds(until));
    }

    private Scope ScopeAt(CustomerFacts known, long instant) => new() { Facts = known, AsOf = instant, Zone = rulebook.Zone };

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
            known = Observing.Release(known, arrival);
            later.Add((arrival, known));
        }

        return later;
    }

    private bool IsDue(TagState state) => state.Due <= asOf;

    private bool IsUntouched(TagRule rule, CustomerFacts before)
    {
        foreach (var selection in rule.Selections)
        {
            if (!ReferenceEquals(facts.Series[selection], before.Series[selection]))
                return false;
        }

        return !rule.LooksAtTraits || facts.TraitFacts == before.TraitFacts;
    }

    private TagChange Change(TagRule rule, TagState state, Value value, Instant? changesAt, long sequence, ChangeCause cause) => new(
        sequence, state.KeySequence + 1, rule.Key, rule.Category, state.Value, value, Instant.FromUnixTimeMilliseconds(asOf), cause,
        rulebook.Version, rule.Explain(ScopeAt(facts, asOf)), changesAt);

    private TagChange Retire(TagState state, long sequence) => new(
        sequence, state.KeySequence + 1, state.Key, state.Category, state.Value, Value.Missing, Instant.FromUnixTimeMilliseconds(asOf), ChangeCause.Rulebook,
        rulebook.Version, Reason.None, null);

    /// <summary>The states that another rulebook left, in the order of this one; after them those of tags that this one does not have.</summary>
    private ImmutableArray<TagState> Align(TagSet held)
    {
        var byKey = held.States.ToDictionary(state => state.Key, StringComparer.Ordinal);
        var aligned = ImmutableArray.CreateBuilder<TagState>(rulebook.Tags.Length);
        foreach (var rule in rulebook.Tags)
        {
            aligned.Add(byKey.Remove(rule.Key, out var state)
                ? state with { Category = rule.Category }
                : new(rule.Key, rule.Category, Value.Missing, Instant.FromUnixTimeSeconds(0), 0, null));
        }

        aligned.AddRange(held.States.Where(state => byKey.ContainsKey(state.Key)));
        return aligned.ToImmutable();
    }
}
