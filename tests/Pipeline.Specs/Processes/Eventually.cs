using System.Diagnostics;

namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>Waits for what other processes do.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks again until the answer is yes.</summary>
    /// <exception cref="TimeoutException">It was not within that time; the message says what was waited for.</exception>
    public static async Task HoldsAsync(string what, TimeSpan within, Func<Task<bool>> holds) =>
        await GivesAsync<object>(() => what, within, async () => await holds() ? what : null);

    /// <summary>Asks again until there is an answer, and returns it.</summary>
    /// <exception cref="TimeoutException">There was none within that time; the message says what was waited for.</exception>
    public static async Task<T> GivesAsync<T>(Func<string> what, TimeSpan within, Func<Task<T?>> ask)
        where T : class
    {
        var asked = Stopwatch.StartNew();
        while (true)
        {
            if (await ask() is { } answer)
                return answer;
            if (asked.Elapsed > within)
                throw new TimeoutException($"Not within {within.TotalSeconds:0} s: {what()}.");
            await Task.Delay(Pause);
        }
    }
}
