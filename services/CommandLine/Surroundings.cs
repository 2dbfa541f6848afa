namespace TaggingPipeline.CommandLine;

/// <summary>What a verb may touch of the process it runs in; tests give their own.</summary>
internal sealed record Surroundings
{
    /// <summary>Results, and nothing else.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Errors, notes and progress.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Somebody watches <see cref="Error"/>: progress is drawn.</summary>
    public required bool IsWatched { get; init; }

    /// <summary>Reads an environment variable.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>Where the state of interrupted imports is kept.</summary>
    public required string StateFolder { get; init; }

    public required TimeProvider Clock { get; init; }

    /// <summary>How long a server may take to answer what it answers at once.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(100);

    public static Surroundings OfProcess(TextWriter output) => new()
    {
        Output = output,
        Error = Console.Error,
        IsWatched = !Console.IsErrorRedirected,
        Variable = Environment.GetEnvironmentVariable,
        StateFolder = FindStateFolder(),
        Clock = TimeProvider.System,
    };

    /// <summary>As the XDG base directory specification says, and where that does not apply, the user's application data.</summary>
    private static string FindStateFolder()
    {
        if (OperatingSystem.IsWindows())
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "tagging");
        var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        return Path.Combine(
            string.IsNullOrEmpty(state) ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state") : state,
            "tagging");
    }
}
