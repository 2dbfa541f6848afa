using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Projection.Queries;

/// <summary>What queries answer when they cannot answer: RFC 9457 problem details that name the parameter.</summary>
internal static class Problems
{
    public static ProblemHttpResult Unauthorized() => TypedResults.Problem(
        "This needs the header `Authorization: Bearer KEY` with one of the keys of the setting ApiKeys.", statusCode: StatusCodes.Status401Unauthorized);

    public static ProblemHttpResult BadLimit(string limit) =>
        BadParameter("limit", $"`{limit}` is not a whole number from 1 to {PageQuery.MaxLimit}");

    public static ProblemHttpResult BadCursor(string after) =>
        BadParameter("after", $"`{after}` is not a cursor; give the `next` of an earlier answer, or leave it out to start at the first");

    public static ProblemHttpResult BadChoice(string parameter, string given, params string[] choices) =>
        BadParameter(parameter, $"`{given}` is none of {string.Join(", ", choices)}");

    public static ProblemHttpResult PastNotReadable() =>
        BadParameter("at", "reading the state at an earlier instant is not supported yet; leave it out to read the present");

    public static ProblemHttpResult UnknownCustomer(string customer) => NotFound("id", $"there is no customer `{customer}`");

    public static ProblemHttpResult UnknownSegment(string key, IEnumerable<string> known) =>
        NotFound("key", $"the rulebook has no segment `{key}`{Suggestions.DidYouMean(key, known)}");

    public static ProblemHttpResult UnknownSnapshot(string number) => NotFound("number", $"no snapshot of the population has the number `{number}`");

    public static ProblemHttpResult NoSnapshot(string why) =>
        TypedResults.Problem($"No snapshot was taken: {why}.", statusCode: StatusCodes.Status409Conflict);

    private static ProblemHttpResult BadParameter(string parameter, string what) => Of(StatusCodes.Status400BadRequest, parameter, what);

    private static ProblemHttpResult NotFound(string parameter, string what) => Of(StatusCodes.Status404NotFound, parameter, what);

    private static ProblemHttpResult Of(int status, string parameter, string what) => TypedResults.Problem(
        $"{parameter}: {what}", statusCode: status, extensions: [KeyValuePair.Create<string, object?>("parameter", parameter)]);
}
