using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Mvc;

namespace TaggingPipeline.Projection.Queries;

/// <summary>Which part of a list is asked for.</summary>
/// <remarks>Texts, so that a bad one is answered with a problem that names it.</remarks>
internal sealed record PageQuery
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 1000;

    [FromQuery(Name = "after")]
    [Description("The `next` of an earlier answer; left out, the list is read from its first item.")]
    public string? After { get; init; }

    [FromQuery(Name = "limit")]
    [Description("How many items at most: 1 to 1000, 100 where it is left out.")]
    public string? Limit { get; init; }

    public bool TryReadLimit(out int limit)
    {
        limit = DefaultLimit;
        return Limit is null || (int.TryParse(Limit, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit);
    }

    /// <summary>Reads the cursor as a position in a list that only grows; 0 where there is none.</summary>
    public bool TryReadPosition(out long position)
    {
        position = 0;
        return After is null || long.TryParse(After, NumberStyles.None, CultureInfo.InvariantCulture, out position);
    }
}
