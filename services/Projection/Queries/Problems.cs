using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Projection.Rulebooks;

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

    public static ProblemHttpResult BadPosition(string parameter, string position) =>
        BadParameter(parameter, $"`{position}` is not a position in the feed; give an `id` of the stream or a `next` of /api/changes");

    public static ProblemHttpResult PositionAhead(string parameter, long position, long newest) =>
        BadParameter(parameter, $"the feed has not come to {position} yet, only to {newest}: was it read from another store?");

    public static ProblemHttpResult BadChoice(string parameter, string given, params string[] choices) =>
        BadParameter(parameter, $"`{given}` is none of {string.Join(", ", choices)}");

    public static ProblemHttpResult BadInstant(string parameter, string given) =>
        BadParameter(parameter, $"`{given}` is not an instant such as 2024-03-01T12:00:00Z");

    public static ProblemHttpResult BadDate(string parameter, string given) => BadParameter(parameter, $"`{given}` is not a date such as 2024-03-01");

    public static ProblemHttpResult BadSpan(string parameter, string given, string expected) => BadParameter(parameter, $"`{given}` is not {expected}");

    public static ProblemHttpResult TooMany(string parameter, int most) => BadParameter(parameter, $"at most {most} can be given");

    public static ProblemHttpResult UnknownOther(string parameter, string key, IEnumerable<string> known) =>
        BadParameter(parameter, $"the rulebook has no segment `{key}`{Suggestions.DidYouMean(key, known)}");

    public static ProblemHttpResult MissingInstant(string parameter) => BadParameter(parameter, "it asks for the past: give `at` too, an instant such as 2024-03-01T12:00:00Z");

    public static ProblemHttpResult PastNotReadable() =>
        BadParameter("at", "this cannot be read as of an earlier instant yet; leave it out to read the present");

    public static ProblemHttpResult UnknownCustomer(string customer) => NotFound("id", $"there is no customer `{customer}`");

    public static ProblemHttpResult UnknownSegment(string key, IEnumerable<string> known) =>
        NotFound("key", $"the rulebook has no segment `{key}`{Suggestions.DidYouMean(key, known)}");

    public static ProblemHttpResult UnknownSnapshot(string number) => NotFound("number", $"no snapshot of the population has the number `{number}`");

    public static ProblemHttpResult NoSnapshot(string why) =>
        TypedResults.Problem($"No snapshot was taken: {why}.", statusCode: StatusCodes.Status409Conflict);

    public static ProblemHttpResult UnknownReplay(string id) => NotFound("id", $"there is no replay `{id}`");

    public static ProblemHttpResult ReplayCannot(string id, string action, string state) =>
        Of(StatusCodes.Status409Conflict, "id", $"the replay `{id}` cannot {action}: it is {state}");

    public static ProblemHttpResult UnknownTag(string key, IEnumerable<string> known) =>
        Of(StatusCodes.Status422UnprocessableEntity, "key", $"the rulebook has no tag `{key}`{Suggestions.DidYouMean(key, known)}");

    public static ProblemHttpResult DisabledTag(string key) =>
        Of(StatusCodes.Status422UnprocessableEntity, "key", $"the tag `{key}` is disabled in the rulebook");

    public static ProblemHttpResult BadValue(TagRule rule, JsonElement? given)
    {
        var expected = !rule.Tiers.IsEmpty ? $"one of {string.Join(", ", rule.Tiers)}" : rule.Accepts(Value.True) ? "true, or nothing" : "text or a number";
        var near = given is { ValueKind: JsonValueKind.String } text ? Suggestions.DidYouMean(text.GetString()!, rule.Tiers) : "";
        return Of(StatusCodes.Status422UnprocessableEntity, "value", $"{given?.GetRawText() ?? "nothing"} is no value of the tag `{rule.Key}`: expected {expected}{near}");
    }

    public static ProblemHttpResult BadBody() => Of(
        StatusCodes.Status400BadRequest, "body", """expected a JSON object, such as {"by": "anna", "reason": "VIP at the fair"}; `value` besides for a tag with values""");

    public static ProblemHttpResult Unprocessable(Rejection rejection) =>
        TypedResults.Problem(rejection.Reason, statusCode: StatusCodes.Status422UnprocessableEntity, extensions: [KeyValuePair.Create<string, object?>("code", rejection.Code)]);

    public static ProblemHttpResult Unavailable() =>
        TypedResults.Problem("It could not be made safe. Send it again.", statusCode: StatusCodes.Status503ServiceUnavailable);

    public static ProblemHttpResult BrokerAway(string why) =>
        TypedResults.Problem($"The broker did not do it: {why}. Try again.", statusCode: StatusCodes.Status503ServiceUnavailable);

    public static ProblemHttpResult NotOnThisBus(string what) => TypedResults.Problem(what, statusCode: StatusCodes.Status501NotImplemented);

    public static ProblemHttpResult UnknownQueue(string name) => NotFound("name", $"no queue `{name}` was declared here");

    public static ProblemHttpResult QueueTaken(string name, string why) =>
        Of(StatusCodes.Status409Conflict, "name", $"the broker has another queue `{name}`, which was not declared here: {why}");

    public static ProblemHttpResult UnknownDeadLetter(string id) => NotFound("id", $"there is no dead letter `{id}`");

    public static ProblemHttpResult BadLetterCursor(string after) => BadParameter("after", $"`{after}` is not the id of a dead letter; give the `next` of an earlier answer");

    public static ProblemHttpResult EmptyList(string parameter) => BadParameter(parameter, "it names nothing; leave it out for all");

    public static ProblemHttpResult NoLettersNamed() => BadParameter("queue", "say which: give `queue`, `reason`, or both");

    public static ProblemHttpResult NotRedriven(long before, Exception failure) => TypedResults.Problem(
        $"Redriven: {before}. Not all could be, and what could not is kept: {failure.GetBaseException().Message}", statusCode: StatusCodes.Status503ServiceUnavailable);

    public static ProblemHttpResult UnknownRejection(string id) => NotFound("id", $"there is no rejected event `{id}`");

    public static ProblemHttpResult NoRejectionsNamed() => BadParameter("code", "say which: give `code`, `pattern` or both, or `all=true`");

    public static ProblemHttpResult NotResubmitted(long before, Exception failure) => TypedResults.Problem(
        $"Resubmitted before: {before}. The next could not be made safe, and are kept: {failure.GetBaseException().Message}", statusCode: StatusCodes.Status503ServiceUnavailable);

    /// <summary>What is wrong with a field of a JSON body that could be read.</summary>
    public static ProblemHttpResult BadField(string field, string what) => Of(StatusCodes.Status422UnprocessableEntity, field, what);

    /// <summary>A JSON body that cannot be read, with the field at which that was noticed.</summary>
    public static ProblemHttpResult UnreadableBody(string? field, string what) => Of(StatusCodes.Status400BadRequest, field is null or "" ? "body" : field, what);

    public static ProblemHttpResult UnknownSubscription(string id) => NotFound("id", $"there is no subscription `{id}`");

    public static ProblemHttpResult SubscriptionExists(string id) => Of(StatusCodes.Status409Conflict, "id", $"there is a subscription `{id}` already");

    public static ProblemHttpResult UnknownVersion(string parameter, object number) => NotFound(parameter, $"no version of the rulebook has the number `{number}`");

    public static ProblemHttpResult UnreadableVersion(string parameter, long number) => BadField(parameter, UnreadableVersion(number));

    /// <summary>Why a version of the rulebook is not told of.</summary>
    public static string UnreadableVersion(long number) => $"version {number} of the rulebook cannot be read here: other software, newer or older, must have published it";

    public static ProblemHttpResult UnexpectedVersion(string parameter, long expected, long inForce) => Of(
        StatusCodes.Status412PreconditionFailed, parameter, $"not version {expected} is in force, but {inForce}: nothing was published");

    public static ProblemHttpResult OneOf(string one, string other) => BadParameter(one, $"give either `{one}` or `{other}`");

    public static ProblemHttpResult InNeitherRulebook(string what, string key, IReadOnlyList<string> known) =>
        BadParameter(what, $"neither rulebook has a {what} `{key}`{Suggestions.DidYouMean(key, known)}");

    /// <summary>What a publication would change too much of, and what confirms it.</summary>
    public static ProblemHttpResult MovesTooMuch(GuardLook look) => TypedResults.Problem(
        $"{(look.IsTokenStale ? "The token is for another rulebook, or over another one. " : "")}Publishing it {(look.Result!.IsExact ? "would" : "would, or may,")} change more than {look.Percent} % of "
        + string.Join(", ", look.Refused.Select(segment => $"{segment.Key} ({segment.Enter} enter and {segment.Leave} leave, of {segment.Before})"))
        + (look.Result.IsExact ? "" : $", counted among {look.Result.Looked} of {look.Result.Customers} customers: a preview of all tells for certain")
        + $". If that is meant, confirm it with token={look.Token}.",
        statusCode: StatusCodes.Status409Conflict,
        extensions:
        [
            KeyValuePair.Create<string, object?>("parameter", "token"),
            KeyValuePair.Create<string, object?>("token", look.Token),
            KeyValuePair.Create<string, object?>("segments", look.Refused.Select(segment => new { segment.Key, segment.Before, segment.After, segment.Enter, segment.Leave }).ToArray()),
        ]);

    /// <summary>Every error of a rulebook, with its place.</summary>
    public static ProblemHttpResult BadRulebook(IReadOnlyList<RulebookError> errors) => TypedResults.Problem(
        $"The rulebook has {errors.Count} {(errors.Count == 1 ? "error" : "errors")}. The first: {errors[0]}",
        statusCode: StatusCodes.Status422UnprocessableEntity,
        extensions:
        [
            KeyValuePair.Create<string, object?>("parameter", "content"),
            KeyValuePair.Create<string, object?>("errors", errors.Select(error => new { error.At.Line, error.At.Column, error.Where, error.Message }).ToArray()),
        ]);

    private static ProblemHttpResult BadParameter(string parameter, string what) => Of(StatusCodes.Status400BadRequest, parameter, what);

    private static ProblemHttpResult NotFound(string parameter, string what) => Of(StatusCodes.Status404NotFound, parameter, what);

    private static ProblemHttpResult Of(int status, string parameter, string what) => TypedResults.Problem(
        $"{parameter}: {what}", statusCode: status, extensions: [KeyValuePair.Create<string, object?>("parameter", parameter)]);
}
