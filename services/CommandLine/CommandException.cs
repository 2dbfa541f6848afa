namespace TaggingPipeline.CommandLine;

/// <summary>The command cannot do what it was asked to, for a reason that the user can act on.</summary>
/// <remarks>Caught in one place, which writes the message to standard error and ends with <see cref="ExitCode.Failed"/>.</remarks>
internal sealed class CommandException(string message, Exception? cause = null) : Exception(message, cause);
