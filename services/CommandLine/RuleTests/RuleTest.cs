using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.CommandLine.RuleTests;

/// <summary>One story of a customer, and what their tags shall be at instants of it.</summary>
/// <param name="Line">Where it starts in its file.</param>
internal sealed record RuleTest(string Name, int Line, ImmutableArray<Checkpoint> Checkpoints);

/// <summary>An instant at which tags are looked at.</summary>
/// <param name="Events">What is told of up to there, beyond earlier checkpoints; none later than the instant.</param>
internal sealed record Checkpoint(Instant At, ImmutableArray<TestEvent> Events, ImmutableArray<Expectation> Expectations);

/// <param name="Line">Where it stands in the file.</param>
internal sealed record TestEvent(CustomerEvent Event, int Line);

/// <summary>What shall be at a checkpoint.</summary>
/// <param name="Key">Of the tag or segment.</param>
internal abstract record Expectation(string Key, int Line)
{
    /// <summary>For a person to read.</summary>
    public abstract string Expected { get; }
}

/// <param name="IsHeld">Whether the tag is held.</param>
/// <param name="Value">As it is written; null for any.</param>
internal sealed record TagExpectation(string Key, int Line, bool IsHeld, string? Value) : Expectation(Key, Line)
{
    public override string Expected => IsHeld ? Value ?? "any value" : "none";

    public bool IsMetBy(Value found, DateTimeZone zone) => (IsHeld, Value) switch
    {
        (false, _) => found.IsMissing,
        (true, null) => !found.IsMissing,
        (true, { } text) => found.Kind switch
        {
            ValueKind.Number => Domain.Events.Value.TryParseNumber(text, out var number) && number == found.AsNumber,
            ValueKind.Instant => WrittenInstant.Read(text, zone, null) == found.AsInstant,
            _ => found.ToString() == text,
        },
    };
}

/// <param name="At">When the tag changes if nothing more happens; null for never.</param>
internal sealed record ChangeExpectation(string Key, int Line, Instant? At) : Expectation(Key, Line)
{
    public override string Expected => TextOf(At);

    public static string TextOf(Instant? at) => at is { } instant ? Domain.Events.Value.Of(instant).ToString() : "never";
}

internal sealed record SegmentExpectation(string Key, int Line, bool IsMember) : Expectation(Key, Line)
{
    public override string Expected => IsMember ? "true" : "false";
}

/// <summary>A rulebook, compiled once for all of its tests.</summary>
/// <param name="Definition">As it is written, for the places of its clauses.</param>
internal sealed record TestedRulebook(string Path, RulebookDefinition Definition, Rulebook Compiled)
{
    public TagDefinition DefinitionOf(string key) => Definition.Tags.First(tag => tag.Key.Text == key);
}

/// <summary>A file's tests under their rulebook.</summary>
/// <param name="InForce">The rulebook with the population that the file gives.</param>
internal sealed record RuleTestFile(string Path, TestedRulebook Rulebook, Rulebook InForce, ImmutableArray<RuleTest> Tests);
