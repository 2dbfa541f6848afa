namespace TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;

/// <summary>Runs actors to their end in an order drawn at random, with crashes: for cases too large to try every order.</summary>
internal static class RandomRun
{
    private const int StepsAtMost = 100_000;

    /// <returns>What is stored in the end, and the promise found broken with the steps that lead there, or null.</returns>
    public static (StoreState End, string? Broken) From(
        StoreState state, IReadOnlyList<Actor> actors, IPromises promises, Random random, int crashes)
    {
        var schedule = new List<string>();
        var runs = actors.Select(Start).ToArray();
        while (true)
        {
            var waiting = Enumerable.Range(0, runs.Length).Where(i => runs[i] is { Waiting: not null }).ToList();
            if (waiting.Count == 0)
                return (state, promises.BrokenAtEnd(state) is { } atEnd ? Report(atEnd, schedule) : null);
            if (schedule.Count == StepsAtMost)
                return (state, Report($"not done after {StepsAtMost} steps", schedule));

            var chosen = waiting[random.Next(waiting.Count)];
            if (crashes > 0 && random.Next(40) == 0)
            {
                crashes--;
                schedule.Add($"{actors[chosen].Name} crashes");
                runs[chosen] = actors[chosen].Delivery is { } delivery && state.Acknowledged.Contains(delivery) ? null : Start(actors[chosen]);
                continue;
            }

            var run = runs[chosen]!;
            schedule.Add($"{actors[chosen].Name} {run.Waiting!.Name}");
            (state, var answer) = run.Waiting.Run(state);
            if (promises.BrokenUnderWay(state) is { } underWay)
                return (state, Report(underWay, schedule));
            run.Answer(answer);
            if (run.Waiting is null && !run.IsDone)
                runs[chosen] = Start(actors[chosen]);
        }
    }

    private static PausedRun? Start(Actor actor) => new(actor.Program, []);

    private static string Report(string broken, List<string> schedule) => $"{broken}\n  {string.Join("\n  ", schedule)}";
}
