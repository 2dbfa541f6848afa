using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using NodaTime;
using TaggingPipeline.Processing.Replays;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Projection.Queries;

namespace TaggingPipeline.Projection.Replays;

/// <summary><c>/api/replays</c>: beginning, watching, pausing and cancelling.</summary>
/// <remarks>Rule evaluation carries them out; what people want of one stands in its record, which it looks at once a second.</remarks>
internal static class ReplayRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/replays", BeginAsync).Accepts<ReplayRequest>("application/json")
            .WithSummary("Rebuilds customers from the journal and reports what differs from what they have; with `apply` it is written too")
            .WithDescription("Answered at once: watch the replay at its address. One runs at a time, others wait.")
            .Produces<ReplayAnswer>(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        api.MapGet("/replays", ListAsync).WithSummary("The latest hundred replays, the newest first").Produces<Page<ReplayAnswer>>();
        api.MapGet("/replays/{id}", ReadAsync).WithSummary("A replay: how far it is, and what came of it")
            .Produces<ReplayAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/replays/{id}/differences", ReadDifferencesAsync).WithSummary("The first customers who differed, with both values of each tag")
            .Produces<Page<ReplayDifferenceAnswer>>().ProducesProblem(StatusCodes.Status404NotFound);
        MapAction("pause", "Pauses a replay that runs or waits", run => run.State is ReplayState.Running or ReplayState.Queued ? run with { State = ReplayState.Paused } : null);
        MapAction("resume", "Goes on with a replay that was paused, from where it was", run => run.State == ReplayState.Paused ? run with { State = ReplayState.Queued } : null);
        MapAction("cancel", "Ends a replay; what it wrote until then stays", run => run.IsOver ? null : run with { State = ReplayState.Cancelled });

        void MapAction(string action, string summary, Func<ReplayRun, ReplayRun?> change) => api.MapPost(
            $"/replays/{{id}}/{action}", (string id, IReplays replays, TimeProvider clock, CancellationToken cancellationToken) => ChangeAsync(id, action, change, replays, clock, cancellationToken))
            .WithSummary(summary).Produces<ReplayAnswer>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> BeginAsync(HttpRequest request, IReplays replays, CurrentRulebook current, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (asked, problem) = await JsonBody.ReadAsync<ReplayRequest>(request, cancellationToken);
        if (problem is not null)
            return problem;
        var now = Instant.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        (var options, problem) = ReplayReading.Read(asked!, current.Value, now);
        if (problem is not null)
            return problem;
        var run = new ReplayRun { Id = NewId(clock), Version = 1, Options = options!, State = ReplayState.Queued, CreatedAt = now };
        if (!await replays.SaveAsync(run, cancellationToken))
            throw new InvalidOperationException($"There is a replay {run.Id} already.");
        request.HttpContext.Response.Headers.Location = $"/api/replays/{run.Id}";
        return QueryJson.Answer(ReplayAnswer.Of(run), StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> ListAsync(IReplays replays, CancellationToken cancellationToken)
    {
        const int Latest = 100;
        return QueryJson.Whole((await replays.ListAsync(Latest, cancellationToken)).Select(ReplayAnswer.Of).ToArray());
    }

    private static async Task<IResult> ReadAsync(string id, IReplays replays, CancellationToken cancellationToken) =>
        await replays.FindAsync(id, cancellationToken) is { } run ? QueryJson.Answer(ReplayAnswer.Of(run)) : Problems.UnknownReplay(id);

    private static async Task<IResult> ReadDifferencesAsync(string id, IReplays replays, CancellationToken cancellationToken) =>
        await replays.FindAsync(id, cancellationToken) is { } run
            ? QueryJson.Whole(run.Report.Samples.Select(ReplayDifferenceAnswer.Of).ToArray())
            : Problems.UnknownReplay(id);

    private static async Task<IResult> ChangeAsync(
        string id, string action, Func<ReplayRun, ReplayRun?> change, IReplays replays, TimeProvider clock, CancellationToken cancellationToken)
    {
        while (await replays.FindAsync(id, cancellationToken) is { } run)
        {
            if (change(run) is not { } changed)
                return Problems.ReplayCannot(id, action, ReplayAnswer.Of(run).State);
            changed = changed with { Version = run.Version + 1, EndedAt = changed.IsOver ? Instant.FromDateTimeOffset(clock.GetUtcNow()) : null };
            if (await replays.SaveAsync(changed, cancellationToken))
                return QueryJson.Answer(ReplayAnswer.Of(changed));
        }

        return Problems.UnknownReplay(id);
    }

    /// <summary>Its day and time, for people, and something that tells apart those of one second.</summary>
    private static string NewId(TimeProvider clock) =>
        string.Create(CultureInfo.InvariantCulture, $"replay-{clock.GetUtcNow():yyyyMMdd-HHmmss}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}");
}
