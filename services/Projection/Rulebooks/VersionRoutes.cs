using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Projection.Queries;

namespace TaggingPipeline.Projection.Rulebooks;

/// <summary>What is asked for: to put an earlier version in force again.</summary>
internal sealed record RollbackRequest
{
    public long? Version { get; init; }

    public string? Message { get; init; }

    public string? Author { get; init; }
}

/// <summary>Whether somebody wants a rulebook published although much of a segment would change.</summary>
internal sealed record Confirmation
{
    [FromQuery(Name = "token")]
    [Description("What a preview, or a refusal, of this rulebook over the one in force gave.")]
    public string? Token { get; init; }

    [FromQuery(Name = "confirmed")]
    [Description("`true`: however much of a segment would change.")]
    public string? Confirmed { get; init; }

    public bool IsReadable => Confirmed is null or "true" or "false";

    public bool IsGiven => Confirmed == "true";
}

/// <summary><c>/api/rulebook</c>: publishing it, its versions, and going back to one.</summary>
internal static class VersionRoutes
{
    /// <summary>In UTF-16 units.</summary>
    private const int LongestText = 1_000;

    /// <summary>How often it is looked again who would move, because somebody else has published meanwhile.</summary>
    private const int MostAttempts = 20;

    private const string Expected = "expected";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPut("/rulebook", PutAsync).WithSummary("Publishes a rulebook: it is a new numbered version, and in force in every process within a second")
            .WithDescription(
                "The body is the rulebook as YAML, or `{\"content\": YAML, \"author\": …, \"message\": …}`. Where that content is in force already there is no new version. With `expected`, the number of the "
                + "version in force (0 for none), nothing is published over another one. One that would change more of a segment than is usual is refused, unless `confirmed=true` or the `token` of that "
                + "refusal, or of a preview, confirms it.")
            .Accepts<string>("text/yaml", "application/json").Produces<PublicationAnswer>()
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        api.MapGet("/rulebook/versions", ListAsync).WithSummary("The versions of the rulebook, the latest first").Produces<Page<VersionAnswer>>();
        api.MapGet("/rulebook/versions/{number}", FindAsync).WithSummary("A version of the rulebook, as it was published")
            .Produces<VersionWithContent>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/rulebook/versions/{number}/diff", CompareAsync).WithSummary("What differs between two versions, in words")
            .WithDescription("From the version `number` to the version `to`; without `to`, to the one in force.")
            .Produces<VersionDifferences>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        api.MapPost("/rulebook/rollback", RollBackAsync).WithSummary("Publishes the content of an earlier version again, as a new version")
            .Accepts<RollbackRequest>("application/json").Produces<PublicationAnswer>()
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status412PreconditionFailed).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
    }

    private static async Task<IResult> PutAsync(
        HttpRequest request, [FromQuery] string? expected, [AsParameters] Confirmation confirmation, IRulebookVersions versions, RulebookPublisher publisher, PublishGuard guard,
        CancellationToken cancellationToken)
    {
        if (!confirmation.IsReadable)
            return Problems.BadChoice("confirmed", confirmation.Confirmed!, "true", "false");
        var (body, problem) = await RulebookBody.ReadAsync(request, cancellationToken);
        if (problem is not null)
            return problem;
        var proposed = new ProposedRulebook(body!.Content, body.Rulebook, body.Author ?? RulebookVersion.OfApi, body.Message ?? "", RulebookVersion.OfApi);
        if (confirmation.IsGiven)
            return await PublishAsync(proposed, expected, versions, publisher, cancellationToken);
        if (!TryReadNumber(expected, out var number))
            return BadExpected(expected!);
        for (var attempt = 1; ; attempt++)
        {
            var look = await guard.LookAsync(proposed.Rulebook, confirmation.Token, number, cancellationToken);
            if (look.Refused.Count > 0)
                return Problems.MovesTooMuch(look);
            if (number is { } wanted && wanted != look.InForce && !look.IsInForceAlready)
                return Problems.UnexpectedVersion(Expected, wanted, look.InForce);
            // What was looked at must still be in force, also where that is what was expected: over something else it might move others.
            var answer = await PublishAsync(proposed, QueryJson.Cursor(look.InForce), versions, publisher, cancellationToken);
            if (expected is not null || attempt == MostAttempts || answer is not ProblemHttpResult { StatusCode: StatusCodes.Status412PreconditionFailed })
                return answer;
        }
    }

    private static async Task<IResult> RollBackAsync(
        HttpRequest request, [FromQuery] string? expected, IRulebookVersions versions, RulebookPublisher publisher, CancellationToken cancellationToken)
    {
        var (asked, problem) = await JsonBody.ReadAsync<RollbackRequest>(request, cancellationToken);
        if (problem is not null)
            return problem;
        if (asked!.Version is not { } number)
            return Problems.BadField("version", "it is missing: the number of the version to go back to");
        if (await versions.FindAsync(number, cancellationToken) is not { } earlier)
            return Problems.UnknownVersion("version", number);
        var (rulebook, errors) = RulebookFile.Compile(earlier.Content);
        return rulebook is null
            ? Problems.BadRulebook(errors)
            : await PublishAsync(
                new(earlier.Content, rulebook, asked.Author ?? RulebookVersion.OfApi, asked.Message ?? "", RulebookVersion.RollbackOf(number)), expected, versions, publisher, cancellationToken);
    }

    /// <summary>Publishes what was put or rolled back to. Going back is not guarded: it is done in a hurry, and to what was in force before.</summary>
    private static async Task<IResult> PublishAsync(
        ProposedRulebook proposed, string? expected, IRulebookVersions versions, RulebookPublisher publisher, CancellationToken cancellationToken)
    {
        if (!TryReadNumber(expected, out var number))
            return BadExpected(expected!);
        if (proposed.Author is { Length: 0 or > LongestText })
            return Problems.BadField("author", $"expected text of 1 to {LongestText} characters");
        if (proposed.Message.Length > LongestText)
            return Problems.BadField("message", $"expected text of at most {LongestText} characters");

        var publication = await publisher.PublishAsync(proposed, number, cancellationToken);
        if (publication.Outcome == PublicationOutcome.Unexpected)
            return Problems.UnexpectedVersion(Expected, number!.Value, publication.InForce?.Number ?? 0);
        var inForce = publication.InForce!;
        var isNew = publication.Outcome == PublicationOutcome.Published;
        var before = isNew ? await versions.FindAsync(inForce.Number - 1, cancellationToken) : null;
        var (earlier, now) = (before?.Parse(), new PublishedRulebook(inForce, proposed.Content).Parse());
        IReadOnlyList<DifferenceAnswer> differences = earlier is null || now is null ? [] : DifferenceAnswer.Between(earlier, now);
        var note = before is null || earlier is not null ? null : $"{Problems.UnreadableVersion(before.Version.Number)}; what differs from it is not told";
        return QueryJson.Answer(new PublicationAnswer(isNew, VersionAnswer.Of(inForce), differences, note));
    }

    private static async Task<IResult> ListAsync([AsParameters] PageQuery page, IRulebookVersions versions, CancellationToken cancellationToken)
    {
        if (!page.TryReadLimit(out var limit))
            return Problems.BadLimit(page.Limit!);
        if (!TryReadNumber(page.After, out var before))
            return Problems.BadCursor(page.After!);
        var listed = await versions.ListAsync(before, limit, cancellationToken);
        return QueryJson.Answer(new Page<VersionAnswer>([.. listed.Select(VersionAnswer.Of)], listed.Count < limit || listed[^1].Number == 1 ? null : QueryJson.Cursor(listed[^1].Number)));
    }

    private static async Task<IResult> FindAsync(string number, IRulebookVersions versions, CancellationToken cancellationToken) =>
        TryReadNumber(number, out var read) && await versions.FindAsync(read!.Value, cancellationToken) is { } version
            ? QueryJson.Answer(VersionWithContent.Of(version))
            : Problems.UnknownVersion("number", number);

    private static async Task<IResult> CompareAsync(
        string number, [FromQuery, Description("The number of the other version; the one in force where it is left out.")] string? to, IRulebookVersions versions,
        CancellationToken cancellationToken)
    {
        if (!TryReadNumber(number, out var first) || await versions.FindAsync(first!.Value, cancellationToken) is not { } one)
            return Problems.UnknownVersion("number", number);
        if (!TryReadNumber(to, out var second))
            return Problems.BadSpan("to", to!, "the number of a version");
        var other = second is { } given ? await versions.FindAsync(given, cancellationToken) : await versions.LatestAsync(0, cancellationToken);
        if (other is null)
            return Problems.UnknownVersion("to", to!);
        if (one.Parse() is not { } before)
            return Problems.UnreadableVersion("number", one.Version.Number);
        return other.Parse() is { } after
            ? QueryJson.Answer(new VersionDifferences(one.Version.Number, other.Version.Number, DifferenceAnswer.Between(before, after)))
            : Problems.UnreadableVersion("to", other.Version.Number);
    }

    private static ProblemHttpResult BadExpected(string expected) => Problems.BadSpan(Expected, expected, "the number of a version, or 0");

    private static bool TryReadNumber(string? text, out long? number)
    {
        number = null;
        if (text is null)
            return true;
        var isRead = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var read);
        number = read;
        return isRead;
    }
}
