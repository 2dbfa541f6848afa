using TaggingPipeline.CommandLine.Files;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary>Reads rulebooks that a verb is given.</summary>
internal static class Rulebooks
{
    /// <summary>The rulebook of a file, or all its errors.</summary>
    /// <exception cref="CommandException">It cannot be read.</exception>
    public static async Task<RulebookCompilation> CompileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await RulebookFile.LoadAsync(path, cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw InputFile.CannotBeOpened(path, failure);
        }
    }

    /// <exception cref="CommandException">It cannot be read, or has errors: all are listed, a line each, as <c>file:line:column: where: message</c>.</exception>
    public static async Task<Rulebook> LoadAsync(string path, CancellationToken cancellationToken)
    {
        var (rulebook, errors) = await CompileAsync(path, cancellationToken);
        return rulebook ?? throw new CommandException(Lines(path, errors));
    }

    /// <summary>A line for each error: <c>file:line:column: where: message</c>.</summary>
    public static string Lines(string path, IEnumerable<RulebookError> errors) => string.Join('\n', errors.Select(error => $"{path}:{error}"));
}
