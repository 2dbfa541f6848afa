using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Previews;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Projection.Queries;

namespace TaggingPipeline.Projection.Rulebooks;

/// <summary><c>/api/rulebook/preview</c>: who would move if a rulebook were published.</summary>
internal static class PreviewRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/rulebook/preview", RunAsync).WithSummary("Who would enter, leave and change, tag by tag and segment by segment, if this rulebook were published; nothing is written")
            .WithDescription(
                "The body is the rulebook as YAML, or `{\"content\": YAML}`. Exact over all customers, unless `sample` asks for about so many of them, chosen by their ids: counts are then "
                + "estimates, with bounds between which they lie with a probability of 95 %.")
            .Accepts<string>("text/yaml", "application/json").Produces<PreviewAnswer>().ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        api.MapPost("/rulebook/preview/movers", ListAsync).WithSummary("Everybody who would move in one tag or segment, with the reason, as lines of JSON")
            .Accepts<string>("text/yaml", "application/json").Produces<MoverAnswer>(contentType: "application/x-ndjson").ProducesProblem(StatusCodes.Status422UnprocessableEntity);
    }

    private static async Task<IResult> RunAsync(
        HttpRequest request, RulebookPreview preview, PublishGuard guard, CurrentRulebook current,
        [FromQuery] string? sample, [FromQuery] string? examples, CancellationToken cancellationToken)
    {
        if (!TryRead(sample, 1, PreviewOptions.MaxSample, out var sampled))
            return Problems.BadSpan("sample", sample!, $"a whole number from 1 to {PreviewOptions.MaxSample}");
        if (!TryRead(examples, 0, PreviewOptions.MaxExamples, out var named))
            return Problems.BadSpan("examples", examples!, $"a whole number from 0 to {PreviewOptions.MaxExamples}");
        var (body, problem) = await RulebookBody.ReadAsync(request, cancellationToken);
        if (problem is not null)
            return problem;
        var options = new PreviewOptions { Sample = sampled };
        var inForce = current.Value;
        var result = await preview.RunAsync(body!.Rulebook, named is { } count ? options with { Examples = count } : options, cancellationToken);
        return QueryJson.Answer(PreviewAnswer.Of(result, body.Rulebook, guard.Refuses(result, inForce, body.Rulebook), PublishGuard.TokenOf(inForce, body.Rulebook)));
    }

    private static async Task<IResult> ListAsync(
        HttpRequest request, RulebookPreview preview, CurrentRulebook current, [FromQuery] string? tag, [FromQuery] string? segment, CancellationToken cancellationToken)
    {
        if (tag is null == segment is null)
            return Problems.OneOf("tag", "segment");
        var (body, problem) = await RulebookBody.ReadAsync(request, cancellationToken);
        if (problem is not null)
            return problem;
        Rulebook[] rulebooks = [current.Value, body!.Rulebook];
        var known = rulebooks.SelectMany(rulebook => tag is null ? rulebook.Segments.Select(rule => rule.Key) : rulebook.Tags.Select(rule => rule.Key)).Distinct().ToArray();
        if (!known.Contains(tag ?? segment))
            return Problems.InNeitherRulebook(tag is null ? "segment" : "tag", (tag ?? segment)!, known);
        return new MoverLines(preview.MoversAsync(body.Rulebook, tag, segment, cancellationToken));
    }

    private static bool TryRead(string? text, int least, int most, out int? value)
    {
        value = null;
        if (text is null)
            return true;
        var isRead = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most;
        value = number;
        return isRead;
    }

    private sealed class MoverLines(IAsyncEnumerable<Mover> movers) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.ContentType = "application/x-ndjson";
            await foreach (var mover in movers)
            {
                await JsonSerializer.SerializeAsync(httpContext.Response.BodyWriter, MoverAnswer.Of(mover), QueryJson.Options, httpContext.RequestAborted);
                await httpContext.Response.BodyWriter.WriteAsync("\n"u8.ToArray(), httpContext.RequestAborted);
            }
        }
    }
}
