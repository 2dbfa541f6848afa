using System.Collections.Immutable;
using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Rejections;
using TaggingPipeline.Projection.Queries;

namespace TaggingPipeline.Projection.Rejections;

/// <summary>Which rejected events are meant, and how they are to be mended.</summary>
internal sealed record MendingRequest
{
    [Description("The rejections with these ids, up to 1000.")]
    public IReadOnlyList<string>? Ids { get; init; }

    [Description("Or those with this code.")]
    public string? Code { get; init; }

    [Description("Of those with the code, or of all, those whose reason has this pattern, as groups tell it.")]
    public string? Pattern { get; init; }

    [Description("Or all there are: true.")]
    public bool? All { get; init; }

    [Description("How many at most: 1 to 10000, 1000 where it is left out.")]
    public int? Limit { get; init; }

    [Description("The `next` of an earlier answer, to go on behind it.")]
    public string? After { get; init; }

    [Description("How many are shown of those that are accepted, and of those that are not: 0 to 1000, 10 where it is left out.")]
    public int? Sample { get; init; }

    [Description("What is done to each, one after the other: {\"set\": PATH, \"value\": JSON}, {\"rename\": PATH, \"to\": PATH}, {\"convert\": PATH, \"to\": number, text, boolean or instant, \"format\": FORMAT}, {\"drop\": PATH}.")]
    public JsonElement? Steps { get; init; }
}

/// <summary>A request that can be done.</summary>
/// <param name="Ids">Null where the filter says which.</param>
/// <param name="Until">The last position that belongs to it; null for the newest there is.</param>
internal sealed record RejectionSelection(
    ImmutableArray<string>? Ids, RejectionFilter Filter, int Limit, long After, long? Until, int Sample, ImmutableArray<MendingStep> Steps)
{
    public const int MostIds = 1000;
    private const int UsualLimit = 1000;
    private const int MostAtOnce = 10_000;
    private const int UsualSample = 10;

    /// <summary>Where to go on: behind a position, up to what was the newest when it was begun. So what comes back while it is sent again is not sent for ever.</summary>
    public static string Cursor(long after, long until) => string.Create(CultureInfo.InvariantCulture, $"{after}-{until}");

    /// <summary>Reads the body of a request; every mistake is answered with the name of its field.</summary>
    public static async Task<(RejectionSelection? Selection, ProblemHttpResult? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var (asked, problem) = await JsonBody.ReadAsync<MendingRequest>(request, cancellationToken);
        return problem is null ? Read(asked!) : (null, problem);
    }

    private static (RejectionSelection? Selection, ProblemHttpResult? Problem) Read(MendingRequest asked)
    {
        if (WhyNoChoice(asked) is { } unclear)
            return (null, Problems.BadField("ids", unclear));
        if (asked.Ids is { } ids && (ids.Count is 0 or > MostIds || ids.Any(id => id is null)))
            return (null, Problems.BadField("ids", $"expected 1 to {MostIds} ids"));
        if (asked.Limit is < 1 or > MostAtOnce)
            return (null, Problems.BadField("limit", $"{asked.Limit} is not from 1 to {MostAtOnce}"));
        if (asked.Sample is < 0 or > PageQuery.MaxLimit)
            return (null, Problems.BadField("sample", $"{asked.Sample} is not from 0 to {PageQuery.MaxLimit}"));
        long after = 0;
        long? until = null;
        if (asked.After is { } cursor)
        {
            if (!TryReadCursor(cursor, out after, out var last))
                return (null, Problems.BadField("after", $"`{cursor}` is not a cursor; give the `next` of an earlier answer"));
            until = last;
        }

        if (asked.Steps is { } given && JsonText.FirstFault(Encoding.UTF8.GetBytes(given.GetRawText())) is not null)
            return (null, Problems.BadField("steps", "the text is not valid Unicode"));
        return MendingSteps.Read(asked.Steps, out var steps) is { } mistake
            ? (null, Problems.BadField(mistake.Field, mistake.What))
            : (new(asked.Ids is null ? null : [.. asked.Ids.Distinct()], new(asked.Code, asked.Pattern), asked.Limit ?? UsualLimit, after, until, asked.Sample ?? UsualSample, steps), null);
    }

    private static string? WhyNoChoice(MendingRequest asked)
    {
        var byReason = asked.Code is not null || asked.Pattern is not null;
        var choices = (asked.Ids is null ? 0 : 1) + (byReason ? 1 : 0) + (asked.All == true ? 1 : 0);
        return choices == 1 ? null : "say which rejections: give one of `ids`, `code` (or `pattern`, or both), and `all`: true";
    }

    private static bool TryReadCursor(string text, out long after, out long until)
    {
        until = 0;
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        after = 0;
        return dash > 0 && long.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out after)
            && long.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out until);
    }
}
