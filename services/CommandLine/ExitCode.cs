namespace TaggingPipeline.CommandLine;

/// <summary>What the command's exit code says; part of its interface, as scripts rely on it.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>The work failed, or its input was refused.</summary>
    public const int Failed = 1;

    /// <summary>The command line itself is wrong.</summary>
    public const int WrongUsage = 2;

    /// <summary>Stopped by Ctrl-C, as shells expect it: 128 and the number of the signal.</summary>
    public const int Interrupted = 130;
}
