using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.CommandLine.Mapping;

/// <summary>What a row of a file became: an event, a rejection with its reason, or nothing because a skip rule says so.</summary>
/// <param name="Line">The line of the file on which it starts, from 1.</param>
internal readonly record struct MappedRow(long Line, ShopEvent? Event, Rejection? Rejection, string? SkipReason)
{
    public static MappedRow Of(long line, ShopEvent shopEvent) => new(line, shopEvent, null, null);

    public static MappedRow Rejected(long line, Rejection rejection) => new(line, null, rejection, null);

    public static MappedRow Skipped(long line, string reason) => new(line, null, null, reason);
}
