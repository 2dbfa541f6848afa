using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Projection.Changes;

/// <summary>Projects messages that arrive together in one commit.</summary>
/// <remarks>
/// Whatever came while one commit was under way goes into the next, so a quiet line adds no delay and a busy one shares its commits.
/// If a commit fails, every message in it fails with the same exception.
/// </remarks>
public sealed class ProjectionLine(TagChangeProjector projector, FeedSignal feed)
{
    private const int MaxMessages = 500;

    private readonly Lock _gate = new();
    private readonly Queue<Waiting> _waiting = [];
    private bool _isRunning;

    /// <summary>Completes when each message is stored, or found to be ahead.</summary>
    /// <returns>One outcome for each message, in order.</returns>
    public async Task<IReadOnlyList<ProjectionOutcome>> ProjectAsync(IReadOnlyList<TagsChanged> messages)
    {
        var waiting = messages.Select(message => new Waiting(message)).ToArray();
        bool starts;
        lock (_gate)
        {
            foreach (var one in waiting)
                _waiting.Enqueue(one);
            (starts, _isRunning) = (!_isRunning, true);
        }

        if (starts)
            _ = RunAsync();
        return await Task.WhenAll(waiting.Select(one => one.Outcome.Task));
    }

    /// <summary>Works until nobody waits. Failures go to those who wait, so nothing is thrown here.</summary>
    private async Task RunAsync()
    {
        while (NextGroup() is { Length: > 0 } group)
        {
            try
            {
                // Many wait for this commit: it is not any one caller's to cancel.
                var outcomes = await projector.ProjectAsync([.. group.Select(waiting => waiting.Message)], CancellationToken.None);
                feed.Raise();
                for (var i = 0; i < group.Length; i++)
                    group[i].Outcome.SetResult(outcomes[i]);
            }
            catch (Exception exception)
            {
                foreach (var waiting in group)
                    waiting.Outcome.SetException(exception);
            }
        }
    }

    private Waiting[] NextGroup()
    {
        lock (_gate)
        {
            var group = new Waiting[Math.Min(_waiting.Count, MaxMessages)];
            for (var i = 0; i < group.Length; i++)
                group[i] = _waiting.Dequeue();
            _isRunning = group.Length > 0;
            return group;
        }
    }

    private sealed record Waiting(TagsChanged Message)
    {
        public TaskCompletionSource<ProjectionOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
