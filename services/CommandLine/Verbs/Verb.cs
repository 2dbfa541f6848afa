using System.CommandLine;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary>One thing that the command can do, with an example for its help.</summary>
internal sealed class Verb(string name, string description, string example) : Command(name, description)
{
    public string Example { get; } = example;

    /// <summary>What the help says after everything else; empty for nothing.</summary>
    public string Remarks { get; init; } = "";
}
