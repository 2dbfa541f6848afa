namespace TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;

/// <summary>One thing that a store does at once: no other can come in between.</summary>
/// <param name="Name">For a schedule that a person reads.</param>
/// <param name="IsUnseen">Whether it makes no difference to what anybody else does, however the two are ordered.</param>
internal sealed record Operation(string Name, Func<StoreState, (StoreState Next, object? Answer)> Run, bool IsUnseen);

/// <summary>Where a program waits for the store, and a scheduler chooses who goes on.</summary>
internal interface IChoicePoints
{
    Task<T> StepAsync<T>(string name, Func<StoreState, (StoreState Next, T Answer)> run, bool isUnseen = false);
}

/// <summary>No choice: every operation is done when it is asked for.</summary>
internal sealed class NoChoice(StoreState start) : IChoicePoints
{
    private readonly Lock _lock = new();

    public StoreState State { get; private set; } = start;

    public Task<T> StepAsync<T>(string name, Func<StoreState, (StoreState Next, T Answer)> run, bool isUnseen = false)
    {
        lock (_lock)
        {
            (State, var answer) = run(State);
            return Task.FromResult(answer);
        }
    }
}

/// <summary>A program that has been given some answers and waits for the next one, or has ended.</summary>
/// <remarks>
/// A program is deterministic, so the answers it was given are all there is to know of where it stands: to bring another run of it there, give it the same answers.
/// It runs on the caller's thread, from one answer to the next question.
/// </remarks>
internal sealed class PausedRun : IChoicePoints
{
    private readonly IReadOnlyList<object?> _given;
    private readonly Task<bool> _run;
    private int _replayed;
    private Action<object?>? _goOn;

    /// <param name="program">Its result: whether it is done; if not, it wants to start again from the beginning.</param>
    /// <param name="given">Answers to give before it pauses.</param>
    public PausedRun(Func<IChoicePoints, Task<bool>> program, IReadOnlyList<object?> given)
    {
        _given = given;
        _run = program(this);
    }

    /// <summary>What it waits for; null when it has ended.</summary>
    public Operation? Waiting { get; private set; }

    /// <summary>Whether it ended and is done.</summary>
    /// <exception cref="Exception">The program failed.</exception>
    public bool IsDone => _run.IsCompleted && _run.GetAwaiter().GetResult();

    /// <summary>Gives it an answer, and lets it run until it waits again or ends.</summary>
    public void Answer(object? answer)
    {
        var goOn = _goOn ?? throw new InvalidOperationException("Nothing was asked.");
        (_goOn, Waiting) = (null, null);
        goOn(answer);
        if (Waiting is null && !_run.IsCompleted)
            throw new InvalidOperationException("The program waits for something that is not a choice point.");
    }

    public Task<T> StepAsync<T>(string name, Func<StoreState, (StoreState Next, T Answer)> run, bool isUnseen = false)
    {
        if (_replayed < _given.Count)
            return Task.FromResult((T)_given[_replayed++]!);
        if (Waiting is not null)
            throw new InvalidOperationException($"{name} was asked for while {Waiting.Name} was under way.");
        var answered = new TaskCompletionSource<T>();
        Waiting = new(name, state => run(state), isUnseen);
        _goOn = answer => answered.SetResult((T)answer!);
        return answered.Task;
    }
}
