using System.CommandLine;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary><c>tagging rules schema</c></summary>
internal static class RulesSchemaVerb
{
    private const string OfRulebooks = "rulebook";
    private const string OfTests = "test";

    public static Verb Create(Surroundings surroundings)
    {
        var kind = new Argument<string>("KIND") { Description = $"{OfRulebooks}, or {OfTests} for test files", DefaultValueFactory = _ => OfRulebooks };
        kind.AcceptOnlyFromAmong(OfRulebooks, OfTests);
        var verb = new Verb("schema", "Print the JSON Schema by which editors complete and explain rulebooks.", "tagging rules schema > rulebook.schema.json")
        {
            Remarks = """
                Draft 7. Editors with a YAML language server take it up from a first line in the file:
                # yaml-language-server: $schema=rulebook.schema.json
                """,
        };
        verb.Add(kind);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var name = parsed.GetValue(kind) == OfTests ? "rulebook-test.schema.json" : "rulebook.schema.json";
            using var reader = new StreamReader(typeof(RulesSchemaVerb).Assembly.GetManifestResourceStream(name)!);
            surroundings.Output.Write(await reader.ReadToEndAsync(cancellationToken));
            return ExitCode.Ok;
        });
        return verb;
    }
}
