using System.CommandLine;
using TaggingPipeline.CommandLine.Files;
using TaggingPipeline.CommandLine.RuleTests;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging rules fmt</c></summary>
internal static class RulesFormatVerb
{
    public static Verb Create(Surroundings surroundings)
    {
        var files = new Argument<string[]>("FILE") { Description = "Rulebook files", Arity = ArgumentArity.OneOrMore };
        var check = new Option<bool>("--check") { Description = "Change nothing; list the files that would change, and end with 1 if there are any" };
        var verb = new Verb("fmt", "Put the blanks, indentation and empty lines of rulebooks in order.", "tagging rules fmt shop.yaml")
        {
            Remarks = """
                Writes the files in place and lists those that changed; files of tests among them are passed over. Comments stay, and so does what the rules mean. A file with errors is left alone, and its errors
                are told. The version of a rulebook comes from its conditions as they are written, so it may change with their blanks.
                """,
        };
        verb.Add(files);
        verb.Add(check);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var isCheck = parsed.GetValue(check);
            var exitCode = ExitCode.Ok;
            foreach (var path in parsed.GetRequiredValue(files).Where(path => !path.EndsWith(RuleTestLoader.Extension, StringComparison.Ordinal)))
            {
                var isChanged = await FormatAsync(path, isCheck, surroundings, cancellationToken);
                if (isChanged is null || (isChanged.Value && isCheck))
                    exitCode = ExitCode.Failed;
            }

            return exitCode;
        });
        return verb;
    }

    /// <returns>Whether the file changes; null if it has errors.</returns>
    private static async Task<bool?> FormatAsync(string path, bool isCheck, Surroundings surroundings, CancellationToken cancellationToken)
    {
        var (rulebook, errors) = await Rulebooks.CompileAsync(path, cancellationToken);
        var text = rulebook is null ? "" : await InputFile.ReadTextAsync(path, cancellationToken);
        var formatted = text;
        if (rulebook is not null)
            (formatted, errors) = RulebookFormat.Format(text);
        if (rulebook is null || formatted is null)
        {
            surroundings.Error.WriteLine(Rulebooks.Lines(path, errors));
            return null;
        }

        if (formatted == text)
            return false;
        surroundings.Output.WriteLine(path);
        if (!isCheck)
            await WriteAsync(path, formatted, cancellationToken);
        return true;
    }

    private static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        try
        {
            await File.WriteAllTextAsync(path, text, cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{path}: {failure.Message}", failure);
        }
    }
}
