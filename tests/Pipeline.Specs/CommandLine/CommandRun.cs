using TaggingPipeline.CommandLine;
using TaggingPipeline.CommandLine.Import;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

/// <summary>What the command said and how it ended.</summary>
internal sealed record Ending(int ExitCode, string Output, string Error);

/// <summary>A folder of its own for each test, in which the command runs within the test's process.</summary>
internal sealed class CommandRun : IDisposable
{
    /// <summary>Quick to give up unless said otherwise, so that tests of giving up are quick.</summary>
    public RetrySchedule Retries { get; init; } = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(5), Attempts: 4);

    /// <summary>Standard error is a terminal.</summary>
    public bool IsWatched { get; set; }

    /// <summary>How long a server may take to answer what it answers at once.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(100);

    public string Folder { get; } = Directory.CreateTempSubdirectory("tagging-spec-").FullName;

    public string StateFolder => Path.Combine(Folder, "state");

    /// <summary>The environment variables that the command sees.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    public string Write(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    public async Task<Ending> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var surroundings = new Surroundings
        {
            Output = output,
            Error = error,
            IsWatched = IsWatched,
            Variable = Variables.GetValueOrDefault,
            StateFolder = StateFolder,
            Clock = TimeProvider.System,
            Patience = Patience,
        };
        var exitCode = await TaggingCommand.RunAsync(arguments, surroundings, Retries, terminationTimeout: null, cancellationToken);
        return new(exitCode, output.ToString(), error.ToString());
    }

    public Task<Ending> RunAsync(params string[] arguments) => RunAsync(CancellationToken.None, arguments);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
