using System.Collections.Immutable;
using System.Runtime.InteropServices;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Populations;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Rules.Expressions;

/// <summary>What an expression is known to come to before it is evaluated.</summary>
internal enum StaticType : byte { Any, Boolean, Number, Text, Instant, Duration, Date }

/// <summary>A value, and how it behaves as time goes on with no further event.</summary>
/// <param name="Value">The value as of the scope's instant.</param>
/// <param name="Until">The value is as described at every instant before this one; <see cref="Never"/> for always.</param>
/// <param name="Slope">By how many milliseconds the value grows each millisecond: 1 for <c>now</c> and for the time since something; 0 for what stands still.</param>
/// <param name="Drift">How the value goes on changing after that, where the clock alone moves it step by step; null where that is not known.</param>
internal readonly record struct Timed(Value Value, long Until, int Slope = 0, Drift? Drift = null)
{
    public const long Never = long.MaxValue;

    /// <summary>As far as instants are reckoned with, in milliseconds: about the year 8300, far from where calendars end. What is said to change later never does.</summary>
    public const long Farthest = 200_000_000_000_000;

    /// <summary>The instant, or never where it is too far.</summary>
    public static long Reckoned(long until) => until > Farthest ? Never : until;

    public static Timed Always(Value value) => new(value, Never);

    /// <summary>Where one of two values is missing, and so what is made of them: missing until both can be there.</summary>
    public static Timed Without(Timed first, Timed second) => new(Value.Missing, (first.Value.IsMissing, second.Value.IsMissing) switch
    {
        (true, true) => Math.Max(first.Until, second.Until),
        (true, false) => first.Until,
        (false, true) => second.Until,
        _ => Math.Min(first.Until, second.Until),
    });

    public bool Holds => Value.IsTrue;
}

/// <summary>Whether a condition holds, and how that behaves as time goes on with no further event.</summary>
/// <remarks>Small enough to be handed back in registers, since rules are tested for every event.</remarks>
/// <param name="Until">It comes out the same at every instant before this one; <see cref="Timed.Never"/> for always.</param>
/// <param name="Turns">At that instant it certainly comes out otherwise; where this is not set, it may.</param>
internal readonly record struct Tested(bool Holds, long Until, bool Turns = false);

/// <summary>A number or instant that the clock moves step by step in one direction, as the days since something.</summary>
/// <remarks>It lets a comparison look ahead to where the step that matters can be, and know where there is none.</remarks>
/// <param name="Rate">By how much a step changes it at most, in numbers or milliseconds; the sign is the direction.</param>
/// <param name="Step">Steps are at least this many milliseconds apart, but for one.</param>
/// <param name="Until">Before this instant nothing else changes it.</param>
internal sealed record Drift(decimal Rate, long Step, long Until)
{
    /// <summary>Rates and factors beyond it are not reckoned with, lest a rate leaves the range of a decimal.</summary>
    private const decimal Fastest = 100_000_000_000_000m;

    /// <summary>The drift of this and something that stands still together; null where it is not known.</summary>
    public static Drift? Of(Timed drifting, Timed still, decimal factor)
    {
        if (drifting.Drift is not { } drift || still.Slope != 0 || still.Drift is not null || Math.Abs(factor) > Fastest || Math.Abs(drift.Rate) > Fastest)
            return null;
        var rate = drift.Rate * factor;
        return rate == 0 ? null : new(rate, drift.Step, Math.Min(drift.Until, still.Until));
    }

    /// <summary>An instant before which it has not gone a distance.</summary>
    public long BeforeGone(long asOf, decimal distance)
    {
        // The last steps are left to be looked at one by one: rounding and uneven days make them uncertain.
        const int LastSteps = 3;
        var steps = Math.Floor((double)distance / (double)Math.Abs(Rate)) - LastSteps;
        return steps <= 0 ? asOf
            : steps > (double)Timed.Farthest / Step ? Until
            : Math.Min(Until, asOf + ((long)steps * Step));
    }
}

/// <summary>What an expression is evaluated over. Only what the expression can name is set.</summary>
internal readonly ref struct Scope
{
    public CustomerFacts? Facts { get; init; }

    public PropertyBag? Traits { get; init; }

    public IReadOnlyDictionary<string, Value>? Tags { get; init; }

    public FieldSource Fields { get; init; }

    /// <summary>By place of the rulebook's population arguments; null where the snapshot in force does not cover one, or there is none.</summary>
    public ImmutableArray<PopulationFigures?>? Populations { get; init; }

    /// <summary>The instant as of which to evaluate, in milliseconds since the Unix epoch.</summary>
    public long AsOf { get; init; }

    public DateTimeZone Zone { get; init; }
}

/// <summary>A checked expression. Evaluating it is pure and total: there is no input on which it fails.</summary>
internal abstract class Expression(StaticType type, string text)
{
    public StaticType Type { get; } = type;

    /// <summary>As the rulebook writes it.</summary>
    public string Text { get; } = text;

    /// <summary>Whether its value may change from one millisecond to the next, as <c>now</c> does.</summary>
    public virtual bool IsContinuous => false;

    /// <summary>What it counts, for a person to read, as <c>browses</c>; null where it counts nothing.</summary>
    public virtual string? Counted => null;

    /// <summary>What is not exact about it as of the scope's instant, for a person to read; null where all is.</summary>
    public virtual string? CoarseNote(in Scope scope) => null;

    public abstract Timed Evaluate(in Scope scope);

    /// <summary>As a condition: whether it comes to true.</summary>
    public virtual Tested Test(in Scope scope)
    {
        var timed = Evaluate(scope);
        return new(timed.Holds, timed.Until);
    }

    /// <summary>When the oldest of the events that it counts leaves its window; <see cref="Timed.Never"/> where there is none.</summary>
    public virtual long LeavesAt(in Scope scope) => Timed.Never;

    /// <summary>The comparisons that this is made of, and the events they count.</summary>
    public virtual void Explain(in Scope scope, Explanation explanation)
    {
        explanation.Add(Finding.Of(this, Evaluate(scope).Value, Value.Missing, scope));
        Touch(scope, explanation);
    }

    /// <summary>The events that it counts.</summary>
    public abstract void Touch(in Scope scope, Explanation explanation);

    /// <summary>Whether an event, or an order as it stands, passes a filter.</summary>
    public static bool Passes(Expression filter, in FieldSource fields) =>
        filter.Test(new Scope { Fields = fields, Zone = fields.Zone }).Holds;
}

/// <summary>An expression that holds or does not, and is never missing.</summary>
internal abstract class Condition(string text) : Expression(StaticType.Boolean, text)
{
    public abstract override Tested Test(in Scope scope);

    public sealed override Timed Evaluate(in Scope scope)
    {
        var tested = Test(scope);
        return new(Value.Of(tested.Holds), tested.Until);
    }
}

/// <summary>What is gathered to say why a rule came out as it did.</summary>
/// <remarks>One serves for any number of rules, one after the other.</remarks>
internal sealed class Explanation
{
    public const int MostEvents = 5;

    private readonly ImmutableArray<Clause>.Builder _clauses = ImmutableArray.CreateBuilder<Clause>(1);
    private readonly List<Found> _newest = new(MostEvents);

    public void Add(Clause clause) => _clauses.Add(clause);

    /// <summary>Says something that is no comparison.</summary>
    public void State(string what) => _clauses.Add(Clause.Stating(what));

    public void Add(long time, string id)
    {
        var found = new Found(time, id);
        var position = _newest.Count;
        while (position > 0 && found.IsNewerThan(_newest[position - 1]))
            position--;
        if (position == MostEvents || (position > 0 && _newest[position - 1] == found))
            return;
        if (_newest.Count == MostEvents)
            _newest.RemoveAt(MostEvents - 1);
        _newest.Insert(position, found);
    }

    /// <summary>What was gathered; what is gathered after that is for another reason.</summary>
    public Reason ToReason()
    {
        var events = new string[_newest.Count];
        for (var i = 0; i < events.Length; i++)
            events[i] = _newest[i].Id;
        _newest.Clear();
        return new(_clauses.DrainToImmutable(), ImmutableCollectionsMarshal.AsImmutableArray(events));
    }

    private readonly record struct Found(long Time, string Id)
    {
        public bool IsNewerThan(Found other) => Time != other.Time ? Time > other.Time : string.CompareOrdinal(Id, other.Id) > 0;
    }
}
