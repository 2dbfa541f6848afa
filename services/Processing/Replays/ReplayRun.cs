using System.Collections.Immutable;
using NodaTime;

namespace TaggingPipeline.Processing.Replays;

/// <summary>How it stands with a replay.</summary>
public enum ReplayState : byte
{
    /// <summary>It waits for its turn.</summary>
    Queued,

    Running,

    /// <summary>By a person; it goes on from where it was.</summary>
    Paused,

    Done,

    /// <summary>It could not go on; <see cref="ReplayRun.Failure"/> says why.</summary>
    Failed,

    /// <summary>By a person. What it wrote until then stays.</summary>
    Cancelled,
}

/// <summary>What a replay is to do.</summary>
public sealed record ReplayOptions
{
    public const int MostParts = 32;
    public const int MostCustomers = 10_000;

    /// <summary>Whether what differs is written, and not only reported: as of now and under the rulebook in force.</summary>
    public bool Apply { get; init; }

    /// <summary>Whether subscribers are told of what is written.</summary>
    public bool TellsChanges { get; init; } = true;

    /// <summary>Only these; empty for all, or all of <see cref="Segment"/>.</summary>
    public ImmutableArray<string> Customers { get; init; } = [];

    /// <summary>Only the members of this segment.</summary>
    public string? Segment { get; init; }

    /// <summary>Another rulebook than the one in force, as YAML.</summary>
    public string? Rulebook { get; init; }

    /// <summary>The instant as of which customers are rebuilt; null for when the replay begins.</summary>
    public Instant? At { get; init; }

    /// <summary>How many events a second are read at most; 0 for as many as can be.</summary>
    public int EventsPerSecond { get; init; }

    /// <summary>How many customers are worked on at once; 0 for half as many as there are processors.</summary>
    public int Parts { get; init; }

    public bool IsOfAll => Customers.IsEmpty && Segment is null;
}

/// <summary>One replay, as stored: what it is to do and how far it has come.</summary>
public sealed record ReplayRun
{
    public required string Id { get; init; }

    /// <summary>1 when first stored, one more with every save.</summary>
    public required long Version { get; init; }

    public required ReplayOptions Options { get; init; }

    public required ReplayState State { get; init; }

    public required Instant CreatedAt { get; init; }

    public Instant? StartedAt { get; init; }

    public Instant? EndedAt { get; init; }

    /// <summary>The instant as of which customers are compared; null before it began.</summary>
    public Instant? AsOf { get; init; }

    /// <summary>What the rulebook decides as; null before it began.</summary>
    public string? Rulebook { get; init; }

    /// <summary>What the rulebook in force decided as, under which documents are; null before it began.</summary>
    public string? InForce { get; init; }

    /// <summary>About how many customers there are to go through; null before it began.</summary>
    public long? Expected { get; init; }

    /// <summary>The last customer up to whom everything is done, in the order in which they are gone through; null before the first.</summary>
    public string? Position { get; init; }

    /// <summary>What came of the customers up to <see cref="Position"/>.</summary>
    public ReplayReport Report { get; init; } = ReplayReport.Nothing;

    /// <summary>How long it was at work, in seconds, pauses left out.</summary>
    public double WorkedSeconds { get; init; }

    /// <summary>How often a process took it up.</summary>
    public int Starts { get; init; }

    /// <summary>Why it could not go on; null unless it failed.</summary>
    public string? Failure { get; init; }

    public bool IsOver => State is ReplayState.Done or ReplayState.Failed or ReplayState.Cancelled;
}
