using TaggingPipeline.CommandLine.Files;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary>Reads rulebooks that a verb is given.</summary>
internal static class Rulebooks
{
    /// <exception cref="CommandException">It has errors: all are listed, a line each, as <c>file:line:column: where: message</c>.</exception>
    public static async Task<Rulebook> LoadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var (rulebook, errors) = await RulebookFile.LoadAsync(path, cancellationToken);
            return rulebook ?? throw new CommandException(string.Join('\n', errors.Select(error => $"{path}:{error}")));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw InputFile.CannotBeOpened(path, failure);
        }
    }
}
