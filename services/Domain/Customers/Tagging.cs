using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Domain.Customers;

/// <summary>Turns observed events into facts, and facts into tags.</summary>
/// <remarks>Pure and total. Observing in any order gives equal facts. No function here reads a clock.</remarks>
public static class Tagging
{
    /// <summary>The facts with one more event in them. The event must not have been observed before.</summary>
    /// <param name="asOf">Not before any instant that these facts were settled or decided for. A later event waits in the facts until its time comes.</param>
    public static CustomerFacts Observe(CustomerFacts known, CustomerEvent observed, Rulebook rulebook, Instant asOf) => throw new NotImplementedException();

    /// <summary>The facts without what no rule can see at that instant or later, and with the events whose time has come.</summary>
    public static CustomerFacts Settle(CustomerFacts known, Rulebook rulebook, Instant asOf) => throw new NotImplementedException();

    /// <summary>What the rules call for, compared with the tags held.</summary>
    /// <param name="known">Settled for the same instant.</param>
    public static Decision Decide(CustomerFacts known, TagSet held, Rulebook rulebook, Instant asOf, ChangeCause cause) => throw new NotImplementedException();

    /// <summary>What every rule comes to, and why, in the order of the rulebook.</summary>
    /// <param name="known">Settled for the same instant.</param>
    public static ImmutableArray<RuleOutcome> Explain(CustomerFacts known, Rulebook rulebook, Instant asOf) => throw new NotImplementedException();
}
