using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Domain.Customers;

/// <summary>Turns observed events into facts, and facts into tags.</summary>
/// <remarks>Pure and total. Observing in any order gives equal facts. No function here reads a clock. Instants count in whole milliseconds.</remarks>
public static class Tagging
{
    /// <summary>The facts with one more event in them. The event must not have been observed before.</summary>
    /// <param name="asOf">Not before any instant that these facts were settled or decided for. A later event waits in the facts until its time comes.</param>
    public static CustomerFacts Observe(CustomerFacts known, CustomerEvent observed, Rulebook rulebook, Instant asOf)
    {
        RequireOwnFacts(known, rulebook);
        var editor = new FactsEditor(known);
        editor.Observe(observed, asOf.ToUnixTimeMilliseconds());
        return editor.ToFacts();
    }

    /// <summary>The facts with more events in them, and settled: as if each were observed, and then all settled, for that instant.</summary>
    /// <param name="asOf">As of <see cref="Observe(CustomerFacts, CustomerEvent, Rulebook, Instant)"/>.</param>
    public static CustomerFacts Observe(CustomerFacts known, ReadOnlySpan<CustomerEvent> observed, Rulebook rulebook, Instant asOf)
    {
        RequireOwnFacts(known, rulebook);
        var time = asOf.ToUnixTimeMilliseconds();
        var editor = new FactsEditor(known);
        foreach (var each in observed)
            editor.Observe(each, time);
        editor.Release(time);
        editor.Settle(time);
        return editor.ToFacts();
    }

    /// <summary>The facts without what no rule can see at that instant or later, and with the events whose time has come.</summary>
    public static CustomerFacts Settle(CustomerFacts known, Rulebook rulebook, Instant asOf)
    {
        RequireOwnFacts(known, rulebook);
        return FactsEditor.Settled(known, asOf.ToUnixTimeMilliseconds());
    }

    /// <summary>What the rules call for, compared with the tags held.</summary>
    /// <param name="known">Settled for the same instant.</param>
    /// <param name="held">As the decision before left them.</param>
    /// <param name="cause">
    /// What made the customer be decided. Changes of tags that another rulebook decided have the cause <see cref="ChangeCause.Rulebook"/>, and of scores that were decided
    /// under another snapshot of the population <see cref="ChangeCause.Time"/>.
    /// </param>
    public static Decision Decide(CustomerFacts known, TagSet held, Rulebook rulebook, Instant asOf, ChangeCause cause)
    {
        RequireOwnFacts(known, rulebook);
        return new Deciding(known, rulebook, asOf.ToUnixTimeMilliseconds()).Decide(held, cause);
    }

    /// <summary>What every rule comes to, and why, in the order of the rulebook.</summary>
    /// <param name="known">Settled for the same instant.</param>
    public static ImmutableArray<RuleOutcome> Explain(CustomerFacts known, Rulebook rulebook, Instant asOf)
    {
        RequireOwnFacts(known, rulebook);
        return new Deciding(known, rulebook, asOf.ToUnixTimeMilliseconds()).Explain();
    }

    /// <summary>Why some tags have the values that their rules call for, by key; keys that are no rule's are left out.</summary>
    /// <param name="known">Settled for the same instant.</param>
    internal static Dictionary<string, Reason> Reasons(CustomerFacts known, HashSet<string> keys, Rulebook rulebook, Instant asOf)
    {
        RequireOwnFacts(known, rulebook);
        return new Deciding(known, rulebook, asOf.ToUnixTimeMilliseconds()).Reasons(keys);
    }

    /// <summary>The numbers that the rulebook scores against the population, of this customer, in the order of <see cref="Rulebook.PopulationArguments"/>.</summary>
    /// <param name="known">Settled for the same instant.</param>
    /// <returns>Null for what is no number below 10¹², either way; rounded to ten decimal places.</returns>
    public static ImmutableArray<decimal?> Measure(CustomerFacts known, Rulebook rulebook, Instant asOf)
    {
        RequireOwnFacts(known, rulebook);
        return rulebook.Measure(new() { Facts = known, AsOf = asOf.ToUnixTimeMilliseconds(), Zone = rulebook.Zone });
    }

    internal static void RequireOwnFacts(CustomerFacts known, Rulebook rulebook)
    {
        if (!ReferenceEquals(known.Measures, rulebook.Measures) && known.Measures.Fingerprint != rulebook.Measures.Fingerprint)
            throw new ArgumentException($"The facts were gathered under other measures than those of {rulebook.Version}.", nameof(known));
    }
}
