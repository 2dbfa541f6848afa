using System.CommandLine;
using System.Globalization;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging rules check</c></summary>
internal static class RulesVerb
{
    public static Command Create(Surroundings surroundings)
    {
        var rules = new Verb("rules", "Work with rulebooks.", "tagging rules check shop.yaml");
        rules.Add(CreateCheck(surroundings));
        return rules;
    }

    private static Verb CreateCheck(Surroundings surroundings)
    {
        var file = SharedOptions.File("FILE", "Rulebook file");
        var check = new Verb("check", "Check a rulebook: a one-line summary, or every error in it.", "tagging rules check shop.yaml")
        {
            Remarks = "Errors are written as file:line:column: where: message.",
        };
        check.Add(file);
        check.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(file);
            var rulebook = await Rulebooks.LoadAsync(path, cancellationToken);
            surroundings.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{path}: {rulebook.Version}: {rulebook.Tags.Length} tags, {rulebook.Segments.Length} segments, no errors"));
            return ExitCode.Ok;
        });
        return check;
    }
}
