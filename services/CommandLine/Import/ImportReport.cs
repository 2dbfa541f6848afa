using System.Globalization;
using Spectre.Console;

namespace TaggingPipeline.CommandLine.Import;

/// <summary>Tells whoever started an import how it goes.</summary>
internal interface IImportReport
{
    /// <param name="rows">Rows dealt with so far.</param>
    /// <param name="bytes">Bytes of the file taken in so far.</param>
    void Reached(long rows, long bytes);

    void Note(string text);
}

/// <summary>Notes only, a line each: for logs and pipes.</summary>
internal sealed class PlainReport(TextWriter error) : IImportReport
{
    public void Reached(long rows, long bytes)
    {
    }

    public void Note(string text) => error.WriteLine($"note: {text}");
}

/// <summary>A bar with the rate and the time left, on a terminal.</summary>
internal sealed class ProgressBar : IImportReport
{
    private readonly IAnsiConsole _console;
    private readonly ProgressTask _bar;
    private readonly TimeProvider _clock;
    private readonly long _started;

    private ProgressBar(IAnsiConsole console, ProgressTask bar, TimeProvider clock)
    {
        _console = console;
        _bar = bar;
        _clock = clock;
        _started = clock.GetTimestamp();
    }

    public static async Task<T> ShowAsync<T>(TextWriter error, TimeProvider clock, long bytes, Func<IImportReport, Task<T>> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        return await console.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn(), new RemainingTimeColumn())
            .StartAsync(async context => await work(new ProgressBar(console, context.AddTask("starting", maxValue: Math.Max(1, bytes)), clock)));
    }

    public void Reached(long rows, long bytes)
    {
        var seconds = Math.Max(0.001, _clock.GetElapsedTime(_started).TotalSeconds);
        _bar.Value = bytes;
        _bar.Description = string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows, {rows / seconds:N0}/s");
    }

    public void Note(string text) => _console.WriteLine($"note: {text}");
}
