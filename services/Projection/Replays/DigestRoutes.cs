using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using NodaTime;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Replays;
using TaggingPipeline.Projection.Queries;

namespace TaggingPipeline.Projection.Replays;

/// <summary>Ranges whose digests are wanted.</summary>
/// <param name="After">Customers after this id; from the first where it is left out.</param>
/// <param name="Until">Up to this one; to the last where it is left out.</param>
/// <param name="At">The instant as of which; now where it is left out.</param>
/// <param name="Boundaries">Ascending: where one range ends and the next begins.</param>
internal sealed record DigestRequest(string? After, string? Until, string? At, IReadOnlyList<string>? Boundaries);

/// <summary>The digest of a range of customers, and those of ranges within it.</summary>
/// <param name="Rulebook">What the rulebook in force decides as, with the snapshot of the population: digests under different ones cannot be compared.</param>
/// <param name="AsOf">The instant as of which customers are taken.</param>
/// <param name="DecidedLater">How many count as of a later instant, for which they were decided: digests of these cannot be compared.</param>
/// <param name="Unreadable">How many do not count, since they have yet to come under the rulebook in force.</param>
internal sealed record DigestAnswer(
    string Rulebook, DateTimeOffset AsOf, string? After, string? Until, long Customers, string Digest, long DecidedLater, long Unreadable, IReadOnlyList<DigestPartAnswer> Parts)
{
    public static DigestAnswer Of(DigestReading reading) => new(
        reading.Rulebook, reading.AsOf.ToDateTimeOffset(), reading.Whole.After, reading.Whole.Until, reading.Whole.Customers, reading.Whole.Digest.ToString(), reading.Whole.DecidedLater,
        reading.Whole.Unreadable,
        [.. reading.Parts.Select(part => new DigestPartAnswer(part.After, part.Until, part.Last, part.Customers, part.Digest.ToString()))]);
}

/// <param name="After">Null for from the first.</param>
/// <param name="Until">Null for to the last.</param>
/// <param name="Last">The last customer in it; null if there is none.</param>
internal sealed record DigestPartAnswer(string? After, string? Until, string? Last, long Customers, string Digest);

/// <summary><c>/api/digest</c></summary>
internal static class DigestRoutes
{
    private const int UsualParts = 64;
    private const int MostParts = 1_000;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/digest", ReadAsync).WithSummary("One number for all customers, or those of a range, and one for each of some ranges within it")
            .WithDescription("Equal numbers, equal customers: facts, tags with their reasons, and next changes. A range that has no more customers than `parts` comes customer by customer.")
            .WithMetadata(new ReadsThePast())
            .Produces<DigestAnswer>();
        api.MapPost("/digest", ReadRangesAsync).Accepts<DigestRequest>("application/json").WithSummary("The same for ranges between given boundaries, to be compared with those of another installation")
            .Produces<DigestAnswer>().ProducesProblem(StatusCodes.Status422UnprocessableEntity);
    }

    private static async Task<IResult> ReadAsync(
        [Description("Customers after this id.")] string? after,
        [Description("Customers up to this id.")] string? until,
        [Description("An instant (RFC 3339) as of which customers are taken; now where it is left out.")] string? at,
        [Description("How many ranges at most: 1 to 1000, 64 where it is left out.")] string? parts,
        DigestReader digests,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (!QueryTimes.TryReadInstant(at, out var instant))
            return Problems.BadInstant("at", at!);
        var most = UsualParts;
        if (parts is not null && (!int.TryParse(parts, NumberStyles.None, CultureInfo.InvariantCulture, out most) || most is < 1 or > MostParts))
            return Problems.BadSpan("parts", parts, $"a whole number from 1 to {MostParts}");
        return after is not null && until is not null && IdOrder.Compare(after, until) >= 0
            ? Problems.BadSpan("until", until, "behind `after`")
            : QueryJson.Answer(DigestAnswer.Of(await digests.ReadAsync(after, until, AsOf(instant, clock), most, cancellationToken)));
    }

    private static async Task<IResult> ReadRangesAsync(HttpRequest request, DigestReader digests, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (asked, problem) = await JsonBody.ReadAsync<DigestRequest>(request, cancellationToken);
        if (problem is not null)
            return problem;
        if (!QueryTimes.TryReadInstant(asked!.At, out var instant))
            return Problems.BadField("at", $"`{asked.At}` is not an instant such as 2024-03-01T12:00:00Z");
        var boundaries = asked.Boundaries ?? [];
        if (boundaries.Count >= MostParts)
            return Problems.BadField("boundaries", $"expected at most {MostParts - 1}");
        string?[] all = [asked.After, .. boundaries, asked.Until];
        for (var i = 1; i < all.Length; i++)
        {
            if (all[i] is null && i < all.Length - 1)
                return Problems.BadField("boundaries", "expected ids of customers");
            if (all[i - 1] is { } before && all[i] is { } bound && IdOrder.Compare(before, bound) >= 0)
                return Problems.BadField(i == all.Length - 1 ? "until" : "boundaries", $"`{bound}` does not come after `{before}`");
        }

        return QueryJson.Answer(DigestAnswer.Of(await digests.ReadAsync(asked.After, asked.Until, AsOf(instant, clock), boundaries, cancellationToken)));
    }

    private static Instant AsOf(Instant? asked, TimeProvider clock) => Instant.FromUnixTimeMilliseconds((asked ?? Instant.FromDateTimeOffset(clock.GetUtcNow())).ToUnixTimeMilliseconds());
}
