using System.Runtime.CompilerServices;
using NodaTime;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Populations;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Processing.Replays;

/// <summary>Carries replays out.</summary>
public sealed class ReplayRunner(
    ICustomerDocuments documents, IJournal journal, ICustomerViews views, IReplays replays, PopulationHistory populations, ChangePublisher publisher, CurrentRulebook current,
    TimeProvider clock)
{
    /// <summary>How many customers are worked on one after another.</summary>
    private const int PageSize = 100;

    /// <summary>How often those who were left for later are tried again at the end.</summary>
    private const int LateRounds = 5;

    private static readonly TimeSpan PauseBeforeLate = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan LongestPace = TimeSpan.FromMilliseconds(500);

    /// <summary>Begins a replay, or goes on from where it was left, and returns when it is over or shall not go on.</summary>
    /// <returns>As it was last saved.</returns>
    /// <exception cref="OvertakenReplayException">Another process has taken it up.</exception>
    public async Task<ReplayRun> RunAsync(ReplayRun run, CancellationToken cancellationToken)
    {
        var options = run.Options;
        var inForce = current.Value;
        var asOf = run.AsOf ?? options.At ?? Revision.Now(clock);
        var rulebook = await populations.AsOfAsync(options.Rulebook is null ? inForce : Compile(options.Rulebook), options.At, current, cancellationToken);
        using var progress = new ReplayProgress(
            run with
            {
                State = ReplayState.Running,
                AsOf = asOf,
                StartedAt = run.StartedAt ?? Revision.Now(clock),
                Rulebook = run.Rulebook ?? rulebook.DecidesAs,
                InForce = run.InForce ?? inForce.DecidesAs,
                Expected = run.Expected ?? (options.Segment is null ? options.Customers.IsEmpty ? await documents.CountAsync(cancellationToken) : options.Customers.Length : null),
                Starts = run.Starts + 1,
            },
            replays,
            clock);
        if (run.Rulebook is { } begunUnder && begunUnder != rulebook.DecidesAs)
            return await EndAsync(progress, ReplayState.Failed, ReplacedMeanwhile(begunUnder, rulebook), cancellationToken);
        if (run.InForce is { } begunBeside && begunBeside != inForce.DecidesAs)
            return await EndAsync(progress, ReplayState.Failed, ReplacedMeanwhile(begunBeside, inForce), cancellationToken);
        if (!await progress.SaveAsync(cancellationToken))
            return progress.Run;

        var task = new ReplayTask(run.Id, rulebook, inForce, asOf, options.At is not null, options.Apply, options.TellsChanges);
        var pages = new PageReplay(documents, journal, publisher, task, clock);
        using var stop = new CancellationTokenSource(); // no page is begun then; those that are at work come to their end, so that what they have written is told
        var begun = clock.GetTimestamp();
        var read = 0L;
        try
        {
            var pagesLeft = PagesAsync(options, progress.Run.Position, stop.Token, cancellationToken);
            await Parallel.ForEachAsync(pagesLeft, new ParallelOptions { MaxDegreeOfParallelism = PartsOf(options), CancellationToken = cancellationToken }, async (page, token) =>
            {
                if (current.Value.DecidesAs != inForce.DecidesAs)
                {
                    await stop.CancelAsync();
                    return;
                }

                var report = await pages.RunAsync(page.Customers, token);
                progress.Complete(page.Number, page.Customers[^1], report);
                if (!await progress.SaveIfDueAsync(token))
                    await stop.CancelAsync();
                await PaceAsync(options.EventsPerSecond, Interlocked.Add(ref read, report.Events), begun, progress, stop, token);
            });
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await progress.SaveAsync(CancellationToken.None); // the process ends: another goes on from here
            throw;
        }

        var isReplaced = current.Value.DecidesAs != inForce.DecidesAs;
        if (stop.IsCancellationRequested && !isReplaced)
            return await StopAsync(progress, cancellationToken);
        if (!isReplaced)
            await FinishAsync(options, progress, pages, cancellationToken);
        return current.Value is { } now && now.DecidesAs != inForce.DecidesAs
            ? await EndAsync(progress, ReplayState.Failed, ReplacedMeanwhile(inForce.DecidesAs, now), cancellationToken)
            : await EndAsync(progress, ReplayState.Done, null, cancellationToken);
    }

    /// <summary>Tries those again who were left for later, and looks who has a document and no events.</summary>
    private async Task FinishAsync(ReplayOptions options, ReplayProgress progress, PageReplay pages, CancellationToken cancellationToken)
    {
        for (var round = 0; round < LateRounds && progress.Run.Report.Left.Length > 0; round++)
        {
            await Task.Delay(PauseBeforeLate, clock, cancellationToken);
            var left = progress.Run.Report.Left;
            progress.Change(run => run with { Report = run.Report with { Left = [], LeftForLater = run.Report.LeftForLater - left.Length } });
            foreach (var some in left.Chunk(PageSize))
            {
                var again = await pages.RunAsync([.. some.Select(each => each.Customer)], cancellationToken);
                progress.Change(run => run with { Report = run.Report + again });
            }
        }

        if (!options.IsOfAll)
            return;
        var report = progress.Run.Report;
        if (await documents.CountAsync(cancellationToken) <= report.Customers - report.WithoutDocument + report.LeftForLater)
            return;
        string? after = null;
        while (await documents.IdsAsync(after, PageSize, cancellationToken) is { Count: > 0 } ids)
        {
            if (await journal.WithoutEventsAsync(ids, cancellationToken) is { Count: > 0 } without)
            {
                var found = await pages.RunAsync(without, cancellationToken);
                progress.Change(run => run with { Report = run.Report + found });
            }

            after = ids[^1];
        }
    }

    /// <param name="stop">Ends it.</param>
    private async IAsyncEnumerable<(long Number, IReadOnlyList<string> Customers)> PagesAsync(
        ReplayOptions options, string? after, CancellationToken stop, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var number = 0L; !stop.IsCancellationRequested; number++)
        {
            var page = !options.Customers.IsEmpty
                ? [.. options.Customers.Order(StringComparer.Ordinal).Where(customer => string.CompareOrdinal(customer, after) > 0).Take(PageSize)]
                : options.Segment is { } segment
                ? [.. (await views.MembersAsync(segment, after, PageSize, cancellationToken)).Select(member => member.Customer)]
                : await journal.CustomersAsync(after, PageSize, cancellationToken);
            if (page.Count == 0)
                yield break;
            yield return (number, page);
            after = page[^1];
        }
    }

    private async Task<ReplayRun> EndAsync(ReplayProgress progress, ReplayState state, string? failure, CancellationToken cancellationToken)
    {
        progress.Change(run => run with { State = state, Failure = failure, EndedAt = Revision.Now(clock) });
        await progress.SaveAsync(cancellationToken);
        return progress.Run;
    }

    /// <summary>Somebody paused or cancelled it: that stands in the record, and what was done until then now too.</summary>
    private static async Task<ReplayRun> StopAsync(ReplayProgress progress, CancellationToken cancellationToken)
    {
        await progress.SaveAsync(cancellationToken);
        return progress.Run;
    }

    /// <summary>Waits until no more is read than may be, and looks meanwhile what people want.</summary>
    private async Task PaceAsync(int eventsPerSecond, long read, long begun, ReplayProgress progress, CancellationTokenSource stop, CancellationToken cancellationToken)
    {
        while (eventsPerSecond > 0 && TimeSpan.FromSeconds((double)read / eventsPerSecond) - clock.GetElapsedTime(begun) is var ahead && ahead > TimeSpan.Zero && !stop.IsCancellationRequested)
        {
            await Task.Delay(ahead < LongestPace ? ahead : LongestPace, clock, cancellationToken);
            if (!await progress.SaveIfDueAsync(cancellationToken))
                await stop.CancelAsync();
        }
    }

    private static int PartsOf(ReplayOptions options) => options.Parts > 0 ? options.Parts : Math.Max(1, Environment.ProcessorCount / 2);

    /// <exception cref="InvalidOperationException">It was checked when the replay was asked for, by another version of this software.</exception>
    private static Rulebook Compile(string yaml) => RulebookFile.Compile(yaml) is { Rulebook: { } compiled } ? compiled : throw new InvalidOperationException("The replay's rulebook has errors.");

    private static string ReplacedMeanwhile(string before, Rulebook now) => $"the rulebook in force was {before} when the replay began and is {now.DecidesAs} now: begin another replay";
}
