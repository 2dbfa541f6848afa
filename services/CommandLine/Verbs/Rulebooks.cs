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
        var compilation = RulebookFile.Compile(await InputFile.ReadTextAsync(path, cancellationToken));
        return compilation.Rulebook ?? throw new CommandException(string.Join('\n', compilation.Errors.Select(error => $"{path}:{error}")));
    }
}
