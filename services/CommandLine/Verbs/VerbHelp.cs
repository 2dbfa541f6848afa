using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace TaggingPipeline.CommandLine.Verbs;

/// <summary>The usual help, and then an example, remarks, and what the exit codes mean.</summary>
internal sealed class VerbHelp(HelpAction usual) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is not Verb verb)
        {
            output.WriteLine("Example:");
            WriteIndented(output, "tagging serve --demo");
        }
        else
        {
            output.WriteLine("Example:");
            WriteIndented(output, verb.Example);
            if (verb.Remarks.Length > 0)
            {
                output.WriteLine("Remarks:");
                WriteIndented(output, verb.Remarks);
            }
        }

        output.WriteLine("Exit codes:");
        WriteIndented(output, """
            0    done
            1    failed, or the input was refused; standard error says why
            2    the command line is wrong
            130  stopped by Ctrl-C (except `serve`, which ends that way with 0)
            """);
        return ExitCode.Ok;
    }

    private static void WriteIndented(TextWriter output, string text)
    {
        foreach (var line in text.Split('\n'))
            output.WriteLine($"  {line.TrimEnd()}".TrimEnd());
        output.WriteLine();
    }
}
