using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Processing.Events;
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

/// <summary><c>/api/rulebook</c>: publishing it, its versions, and going back to one.</summary>
internal static class VersionRoutes
{
    /// <summary>In UTF-16 units.</summary>
    private const int LongestText = 1_000;

    private const string Expected = "expected";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPut("/rulebook", PutAsync).WithSummary("Publishes a rulebook: it is a new numbered version, and in force in every process within a second")
            .WithDescription(
                "The body is the rulebook as YAML, or `{\"content\": YAML, \"author\": …, \"message\": …}`. Where that content is in force already there is no new version. With `expected`, the number of the "
                + "version in force (0 for none), nothing is published over another one.")
            .Accepts<string>("text/yaml", "application/json").Produces<PublicationAnswer>()
            .ProducesProblem(StatusCodes.Status412PreconditionFailed).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        api.MapGet("/rulebook/versions", ListAsync).WithSummary("The versions of the rulebook, the latest first").Produces<Page<VersionAnswer>>();
        api.MapGet("/rulebook/versions/{number}", FindAsync).WithSummary("A version of the rulebook, as it was published")
            .Produces<VersionWithContent>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/rulebook/versions/{number}/diff", CompareAsync).WithSummary("What differs between two versions, in words")
            .WithDescription("From the version `number` to the version `to`; without `to`, to the one in force.")
            .Produces<VersionDifferences>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/rulebook/rollback", RollBackAsync).WithSummary("Publishes the content of an earlier version again, as a new version")
            .Accepts<RollbackRequest>("application/json").Produces<PublicationAnswer>()
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status412PreconditionFailed).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
    }

    private static async Task<IResult> PutAsync(
        HttpRequest request, [FromQuery] string? expected, IRulebookVersions versions, RulebookPublisher publisher, CancellationToken cancellationToken)
    {
        var (body, problem) = await RulebookBody.ReadAsync(request, cancellationToken);
        return problem is not null
            ? problem
            : await PublishAsync(new(body!.Content, body.Rulebook, body.Author ?? RulebookVersion.OfApi, body.Message ?? "", RulebookVersion.OfApi), expected, versions, publisher, cancellationToken);
    }

    private static async Task<IResult> RollBackAsync(
        HttpRequest request, [FromQuery] string? expected, IRulebookVersions versions, RulebookPublisher publisher, CancellationToken cancellationToken)
    {
        RollbackRequest? asked;
        try
        {
            asked = await JsonSerializer.DeserializeAsync<RollbackRequest>(request.Body, ContractsJson.Options, cancellationToken);
        }
        catch (JsonException bad)
        {
            return Problems.UnreadableBody(bad.Path?.TrimStart('$').TrimStart('.'), """expected a JSON object, such as {"version": 3, "message": "too many left win-back"}""");
        }

        if (asked?.Version is not { } number)
            return Problems.BadField("version", "it is missing: the number of the version to go back to");
        if (await versions.FindAsync(number, cancellationToken) is not { } earlier)
            return Problems.UnknownVersion("version", number);
        var (rulebook, errors) = RulebookFile.Compile(earlier.Content);
        return rulebook is null
            ? Problems.BadRulebook(errors)
            : await PublishAsync(
                new(earlier.Content, rulebook, asked.Author ?? RulebookVersion.OfApi, asked.Message ?? "", RulebookVersion.RollbackOf(number)), expected, versions, publisher, cancellationToken);
    }

    /// <summary>Publishes what was put or rolled back to.</summary>
    /// <remarks>Whatever is to keep a rulebook from being published over <c>/api</c> goes here, before <see cref="RulebookPublisher"/> is asked.</remarks>
    private static async Task<IResult> PublishAsync(
        ProposedRulebook proposed, string? expected, IRulebookVersions versions, RulebookPublisher publisher, CancellationToken cancellationToken)
    {
        if (!TryReadNumber(expected, out var number))
            return Problems.BadSpan(Expected, expected!, "the number of a version, or 0");
        if (proposed.Author is { Length: 0 or > LongestText })
            return Problems.BadField("author", $"expected text of 1 to {LongestText} characters");
        if (proposed.Message.Length > LongestText)
            return Problems.BadField("message", $"expected text of at most {LongestText} characters");

        var publication = await publisher.PublishAsync(proposed, number, cancellationToken);
        if (publication.Outcome == PublicationOutcome.Unexpected)
            return Problems.UnexpectedVersion(Expected, number!.Value, publication.InForce?.Number ?? 0);
        var inForce = publication.InForce!;
        var isNew = publication.Outcome == PublicationOutcome.Published;
        IReadOnlyList<DifferenceAnswer> differences = isNew && await versions.FindAsync(inForce.Number - 1, cancellationToken) is { } before
            ? DifferenceAnswer.Between(before, new(inForce, proposed.Content))
            : [];
        return QueryJson.Answer(new PublicationAnswer(isNew, VersionAnswer.Of(inForce), differences));
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
        return other is null
            ? Problems.UnknownVersion("to", to!)
            : QueryJson.Answer(new VersionDifferences(one.Version.Number, other.Version.Number, DifferenceAnswer.Between(one, other)));
    }

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
