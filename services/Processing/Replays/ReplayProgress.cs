namespace TaggingPipeline.Processing.Replays;

/// <summary>Puts the pages of a replay into their order again, and keeps its record up to date.</summary>
/// <remarks>
/// Pages end in any order; the record's position and report tell only of those before which nothing is open, so that whoever goes on from there leaves nothing out and counts
/// nothing twice. Safe for concurrent use.
/// </remarks>
internal sealed class ReplayProgress(ReplayRun run, IReplays replays, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan SavedEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _saving = new(1);
    private readonly Dictionary<long, (string? Last, ReplayReport Report)> _ahead = [];
    private ReplayRun _run = run;
    private long _next;
    private int _startsStored = run.Starts - 1;
    private long _savedAt = clock.GetTimestamp();

    /// <summary>As it was last saved, with what is done since.</summary>
    public ReplayRun Run
    {
        get
        {
            lock (_gate)
                return _run;
        }
    }

    /// <summary>Takes in what came of a page.</summary>
    /// <param name="number">Of the page, from 0 on.</param>
    /// <param name="last">Its last customer; null for a page that moves nothing on.</param>
    public void Complete(long number, string? last, ReplayReport report)
    {
        lock (_gate)
        {
            _ahead.Add(number, (last, report));
            while (_ahead.Remove(_next, out var page))
            {
                _next++;
                _run = _run with { Position = page.Last ?? _run.Position, Report = _run.Report + page.Report };
            }
        }
    }

    /// <summary>Changes the record besides.</summary>
    public void Change(Func<ReplayRun, ReplayRun> change)
    {
        lock (_gate)
            _run = change(_run);
    }

    /// <summary>Saves if it is time.</summary>
    /// <returns>Whether the replay is to go on.</returns>
    public async Task<bool> SaveIfDueAsync(CancellationToken cancellationToken)
    {
        if (clock.GetElapsedTime(Volatile.Read(ref _savedAt)) < SavedEvery || !await _saving.WaitAsync(0, cancellationToken))
            return true;
        try
        {
            return await SaveLockedAsync(cancellationToken);
        }
        finally
        {
            _saving.Release();
        }
    }

    /// <summary>Saves what is done. What people want of it, such as a pause, stands in the record already and wins.</summary>
    /// <returns>Whether the replay is to go on.</returns>
    public async Task<bool> SaveAsync(CancellationToken cancellationToken)
    {
        await _saving.WaitAsync(cancellationToken);
        try
        {
            return await SaveLockedAsync(cancellationToken);
        }
        finally
        {
            _saving.Release();
        }
    }

    public void Dispose() => _saving.Dispose();

    private async Task<bool> SaveLockedAsync(CancellationToken cancellationToken)
    {
        var worked = clock.GetElapsedTime(_savedAt);
        _savedAt = clock.GetTimestamp();
        while (true)
        {
            var known = Run;
            var next = known with { Version = known.Version + 1, WorkedSeconds = known.WorkedSeconds + worked.TotalSeconds, Report = known.Report.Bounded() };
            if (await replays.SaveAsync(next, cancellationToken))
            {
                _startsStored = next.Starts;
                Change(run => run with { Version = next.Version, WorkedSeconds = next.WorkedSeconds });
                return next.State is ReplayState.Running or ReplayState.Done or ReplayState.Failed;
            }

            var stored = await replays.FindAsync(known.Id, cancellationToken) ?? throw new InvalidOperationException($"The replay {known.Id} is stored no longer.");
            if (stored.Starts != _startsStored)
                throw new OvertakenReplayException(known.Id);
            Change(run => run with { Version = stored.Version, State = StateOf(run, stored), EndedAt = stored.EndedAt ?? run.EndedAt });
        }
    }

    /// <summary>What people want wins, but that what has come to its end cannot be paused: gone on with, its end would be counted twice.</summary>
    private static ReplayState StateOf(ReplayRun run, ReplayRun stored) =>
        stored.State == ReplayState.Running || (run.State is ReplayState.Done or ReplayState.Failed && stored.State != ReplayState.Cancelled) ? run.State : stored.State;
}

/// <summary>Another process has taken the replay up.</summary>
public sealed class OvertakenReplayException(string id) : Exception($"Another process has taken up the replay {id}.");
