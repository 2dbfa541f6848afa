using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TaggingPipeline.Contracts;
using TaggingPipeline.Ingestion.Access;
using TaggingPipeline.Ingestion.Bodies;
using TaggingPipeline.Ingestion.Safekeeping;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Intake;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Ingestion.Import;

/// <summary>Takes recorded events in bulk.</summary>
/// <remarks>A bad event is kept aside; a body that cannot be used at all is not: whoever imports it has it.</remarks>
/// <param name="journal">
/// Where this process can ask which events are known; without one, duplicates are told by evaluation alone and are counted as accepted here.
/// </param>
internal sealed class ImportRequests(AccessKeys access, SafeEvents safe, IngestionMetrics metrics, TimeProvider clock, IJournal? journal = null)
{
    private const int EventOverheadBytes = 400;

    public async Task<Results<Ok<ImportAnswer>, ProblemHttpResult>> HandleAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (access.Api.Find(AuthorizationHeader.BearerToken(context.Request)) is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Problem(StatusCodes.Status401Unauthorized, new("unknown-key", "Authorization: must be Bearer and an API key"));
        }

        try
        {
            using var body = await RequestBody.ReadAsync(context.Request, ImportBody.MaxBytes, cancellationToken);
            return await ImportAsync(context, body, cancellationToken);
        }
        catch (BadHttpRequestException exception)
        {
            return Problem(exception.StatusCode, new("bad-request", exception.Message));
        }
    }

    private async Task<Results<Ok<ImportAnswer>, ProblemHttpResult>> ImportAsync(HttpContext context, RequestBody body, CancellationToken cancellationToken)
    {
        var receivedAt = ClockSkew.Now(clock);
        if (body.Fault is { } bodyFault)
            return Problem(StatusOf(bodyFault), bodyFault);
        if (ImportBody.Read(body.Bytes, out var items) is { } fault)
            return Problem(StatusOf(fault), fault);

        var import = Read(body.Bytes, items, receivedAt);
        body.Dispose();
        var known = journal is null || import.Accepted.Count == 0
            ? new HashSet<EventKey>()
            : await journal.KnownAsync(import.Accepted.Keys, cancellationToken);
        List<Weighed<ShopEvent>> unknown = [.. import.Accepted.Where(each => !known.Contains(each.Key)).Select(each => each.Value)];
        if (await safe.KeepAsync(unknown, import.Records) != Keeping.Safe)
        {
            context.Response.Headers.RetryAfter = "1";
            return Problem(StatusCodes.Status503ServiceUnavailable, new("unavailable", "The events could not be made safe. Send them again."));
        }

        metrics.Kept(import.Outcomes);
        return TypedResults.Ok(new ImportAnswer(
            unknown.Count, import.Repeated + import.Accepted.Count - unknown.Count, import.Rejections.Count, import.Rejections));
    }

    private static SortedImport Read(ReadOnlySpan<byte> body, List<ImportItem> items, DateTimeOffset receivedAt)
    {
        var import = new SortedImport();
        foreach (var item in items)
        {
            var source = item.Slice.In(body);
            var outcome = ImportedEvent.Read(source, item, receivedAt);
            import.Outcomes.Add(outcome);
            if (!outcome.IsAccepted)
            {
                import.Rejections.Add(new(import.Outcomes.Count - 1, outcome.Rejection.Code, outcome.Rejection.Reason));
                import.Records.Add(SafeEvents.Weigh(RejectionRecord.Of(source, outcome.Rejection, outcome.EventId, receivedAt, SentAs.Import)));
            }
            else if (!import.Accepted.TryAdd(new(outcome.Event.CustomerId, outcome.Event.EventId), new(outcome.Event, source.Length + EventOverheadBytes)))
            {
                import.Repeated++;
            }
        }

        return import;
    }

    private static int StatusOf(Rejection fault) => fault.Code switch
    {
        "body-too-large" or "too-many-events" => StatusCodes.Status413PayloadTooLarge,
        "unsupported-encoding" => StatusCodes.Status415UnsupportedMediaType,
        _ => StatusCodes.Status400BadRequest,
    };

    private static ProblemHttpResult Problem(int status, Rejection fault) =>
        TypedResults.Problem(fault.Reason, statusCode: status, extensions: new Dictionary<string, object?> { ["code"] = fault.Code });

    /// <summary>An import's events, read, and told apart by what is done with them.</summary>
    private sealed class SortedImport
    {
        public List<EventOutcome> Outcomes { get; } = [];

        public Dictionary<EventKey, Weighed<ShopEvent>> Accepted { get; } = [];

        public int Repeated { get; set; }

        public List<ImportRejection> Rejections { get; } = [];

        public List<Weighed<RejectedEvent>> Records { get; } = [];
    }
}
