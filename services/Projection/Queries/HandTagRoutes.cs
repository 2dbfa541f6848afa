using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Projection.Queries;

/// <summary>What somebody wants done to a tag by hand.</summary>
/// <param name="Value">The value to assign; true where it is left out.</param>
/// <param name="By">Who does it.</param>
/// <param name="Reason">Why.</param>
internal sealed record HandRequest(JsonElement? Value, string? By, string? Reason);

/// <summary>What was done to a tag by hand, and is safe.</summary>
/// <param name="EventId">Names the event in the journal.</param>
/// <param name="Action"><c>assigned</c>, <c>removed</c> or <c>released</c>.</param>
/// <param name="At">When it was done.</param>
internal sealed record HandAnswer(string EventId, string Customer, string Tag, string Action, JsonElement? Value, string By, string Reason, DateTimeOffset At);

/// <summary><c>/api/customers/{id}/tags/{key}</c>: tags assigned, removed and released by hand.</summary>
internal static class HandTagRoutes
{
    private const string WhatSafeMeans =
        "Answered once it is safe: 200 when it is committed, 202 when the broker has it and the tag follows. The header `Idempotency-Key`, "
        + "another for each thing done, makes repeating it harmless.";

    public static void Map(RouteGroupBuilder api)
    {
        Describe(api.MapPut("/customers/{id}/tags/{key}", AssignAsync)).Accepts<HandRequest>("application/json")
            .WithSummary("Assigns a tag by hand: it has that value, whatever its rule says, until it is removed or released");
        Describe(api.MapDelete("/customers/{id}/tags/{key}", RemoveAsync))
            .WithSummary("Removes a tag by hand: it is not held, whatever its rule says, until it is assigned or released");
        Describe(api.MapPost("/customers/{id}/tags/{key}/release", ReleaseAsync)).Accepts<HandRequest>("application/json")
            .WithSummary("Takes back what was done to a tag by hand: its rule decides again");
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route) => route.WithDescription(WhatSafeMeans)
        .Produces<HandAnswer>().Produces<HandAnswer>(StatusCodes.Status202Accepted)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity).ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> AssignAsync(
        string id, string key, [FromHeader(Name = "Idempotency-Key")] string? eventId, HttpRequest request, HandTags tags, CurrentRulebook current, CancellationToken cancellationToken)
    {
        if (await ReadBodyAsync(request, cancellationToken) is not { } body)
            return Problems.BadBody();
        if (Find(current.Value, key) is not { } rule)
            return Problems.UnknownTag(key, current.Value.Tags.Select(tag => tag.Key));
        if (!rule.Options.IsEnabled)
            return Problems.DisabledTag(key);
        var value = body.Value is { ValueKind: JsonValueKind.True or JsonValueKind.Number or JsonValueKind.String } given ? ValueJson.Read(given)
            : body.Value is null or { ValueKind: JsonValueKind.Null } ? Value.True : Value.Missing;
        if (!rule.Accepts(value))
            return Problems.BadValue(rule, body.Value);
        return await tags.DoAsync(PathText.CustomerId(request, id), key, TagEvents.Assigned, value, body.By, body.Reason, eventId, cancellationToken);
    }

    private static async Task<IResult> RemoveAsync(
        string id, string key,
        [Description("Who does it.")] string? by,
        [Description("Why.")] string? reason,
        [FromHeader(Name = "Idempotency-Key")] string? eventId, HttpRequest request, HandTags tags, CurrentRulebook current, CancellationToken cancellationToken) =>
        Find(current.Value, key) is null
            ? Problems.UnknownTag(key, current.Value.Tags.Select(tag => tag.Key))
            : await tags.DoAsync(PathText.CustomerId(request, id), key, TagEvents.Removed, Value.Missing, by, reason, eventId, cancellationToken);

    /// <remarks>Of a tag that the rulebook does not know too: what was done to it counts again when it comes back.</remarks>
    private static async Task<IResult> ReleaseAsync(
        string id, string key, [FromHeader(Name = "Idempotency-Key")] string? eventId, HttpRequest request, HandTags tags, CancellationToken cancellationToken) =>
        await ReadBodyAsync(request, cancellationToken) is not { } body
            ? Problems.BadBody()
            : await tags.DoAsync(PathText.CustomerId(request, id), key, TagEvents.Released, Value.Missing, body.By, body.Reason, eventId, cancellationToken);

    private static TagRule? Find(Rulebook rulebook, string key) => rulebook.Tags.FirstOrDefault(rule => rule.Key == key);

    private static async Task<HandRequest?> ReadBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<HandRequest>(request.Body, ContractsJson.Options, cancellationToken);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
