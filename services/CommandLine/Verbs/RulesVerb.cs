using System.CommandLine;
using System.Globalization;
using TaggingPipeline.CommandLine.Output;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging rules</c> and <c>tagging rules check</c></summary>
internal static class RulesVerb
{
    private const string Text = "text";
    private const string Json = "json";

    public static Command Create(Surroundings surroundings)
    {
        var rules = new Verb("rules", "Work with rulebooks.", "tagging rules check shop.yaml");
        rules.Add(CreateCheck(surroundings));
        rules.Add(RulesPreviewVerb.Create(surroundings));
        rules.Add(RulesTestVerb.Create(surroundings));
        rules.Add(RulesFormatVerb.Create(surroundings));
        rules.Add(RulesSchemaVerb.Create(surroundings));
        return rules;
    }

    private static Verb CreateCheck(Surroundings surroundings)
    {
        var file = SharedOptions.File("FILE", "Rulebook file");
        var format = SharedOptions.Format(Text, Json);
        var check = new Verb("check", "Check a rulebook: a one-line summary, or every error in it.", "tagging rules check shop.yaml")
        {
            Remarks = """
                Errors are written as file:line:column: where: message, to standard error. With --format json everything is one object on standard output, for
                editors: docs/rule-tests.md.
                """,
        };
        check.Add(file);
        check.Add(format);
        check.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(file);
            var found = await Rulebooks.CompileAsync(path, cancellationToken);
            if (parsed.GetValue(format) == Json)
                surroundings.Output.WriteLine(CheckJson.Of(path, found));
            else
                Tell(path, found, surroundings);
            return found.Rulebook is null ? ExitCode.Failed : ExitCode.Ok;
        });
        return check;
    }

    private static void Tell(string path, RulebookCompilation found, Surroundings surroundings)
    {
        if (found.Rulebook is { } rulebook)
        {
            surroundings.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{path}: {rulebook.Version}: {rulebook.Tags.Length} tags, {rulebook.Segments.Length} segments, no errors"));
        }
        else
        {
            surroundings.Error.WriteLine(Rulebooks.Lines(path, found.Errors));
        }
    }
}
