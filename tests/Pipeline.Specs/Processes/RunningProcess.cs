using System.Collections.Concurrent;
using System.Diagnostics;

namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>A real process of the operating system, with what it wrote.</summary>
/// <remarks>Whatever a test forgets is killed when the test run ends.</remarks>
public sealed class RunningProcess : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<RunningProcess, bool> Alive = new();

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();

    static RunningProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var forgotten in Alive.Keys)
            forgotten._process.Kill();
    };

    private RunningProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The lines written to standard output so far.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>The lines written to standard error so far.</summary>
    public string Errors => string.Join('\n', _errors);

    /// <param name="environment">Added to the environment of the test run; a null takes a variable away.</param>
    public static RunningProcess Start(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;

        var process = new Process { StartInfo = start };
        var running = new RunningProcess(process);
        process.OutputDataReceived += (_, line) => Keep(running._output, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(running._errors, line.Data);
        process.Start();
        Alive[running] = true;
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return running;
    }

    /// <summary>Kills it as a power cut would: no handler of the process runs.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await WaitForExitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Asks it to end (SIGTERM) and waits until it has.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> TerminateAsync(TimeSpan within)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {Id}"]);
        await kill.WaitForExitAsync();
        return await WaitForExitAsync(within);
    }

    /// <returns>Its exit code.</returns>
    /// <exception cref="TimeoutException">It still runs; the message carries what it wrote.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan within)
    {
        using var deadline = new CancellationTokenSource(within);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Process {Id} still runs after {within.TotalSeconds:0} s. It wrote:\n{Output}\n{Errors}");
        }

        Alive.TryRemove(this, out _);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!HasExited)
            await KillAsync();
        Alive.TryRemove(this, out _);
        _process.Dispose();
    }

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
            lines.Enqueue(line);
    }
}
