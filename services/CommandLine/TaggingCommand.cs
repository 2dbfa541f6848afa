using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using TaggingPipeline.CommandLine.Import;
using TaggingPipeline.CommandLine.Verbs;

namespace TaggingPipeline.CommandLine;

/// <summary>The <c>tagging</c> command.</summary>
internal static class TaggingCommand
{
    /// <param name="retries">How an import tries again.</param>
    /// <param name="terminationTimeout">How long Ctrl-C waits for a clean end; null to leave signals alone.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments, Surroundings surroundings, RetrySchedule retries, TimeSpan? terminationTimeout, CancellationToken cancellationToken)
    {
        var parsed = Create(surroundings, retries).Parse(arguments);
        if (parsed.Action is ParseErrorAction)
            return TellWrongUsage(parsed, surroundings.Error);
        var invocation = new InvocationConfiguration
        {
            Output = surroundings.Output,
            Error = surroundings.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = terminationTimeout,
        };
        try
        {
            return await parsed.InvokeAsync(invocation, cancellationToken);
        }
        catch (CommandException failure)
        {
            await surroundings.Error.WriteLineAsync(failure.Message);
            return ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            await surroundings.Error.WriteLineAsync("stopped");
            return ExitCode.Interrupted;
        }
    }

    private static RootCommand Create(Surroundings surroundings, RetrySchedule retries)
    {
        var root = new RootCommand("Tags web shops' customers by what they do.")
        {
            ServeVerb.Create(surroundings),
            ImportVerb.Create(surroundings, retries),
            EvaluateVerb.Create(surroundings),
            ExplainVerb.Create(surroundings),
            SegmentsVerb.Create(surroundings),
            PopulationVerb.Create(surroundings),
            TagsVerb.Create(surroundings),
            SubscribeVerb.Create(surroundings, retries),
            DeadLettersVerb.Create(surroundings),
            RejectedVerb.Create(surroundings),
            SubscriptionsVerb.Create(surroundings),
            RulesVerb.Create(surroundings),
            ReplayVerb.Create(surroundings),
            PastVerb.Create(surroundings),
            DigestVerb.Create(surroundings),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new VerbHelp((HelpAction)help.Action!);
        return root;
    }

    private static int TellWrongUsage(ParseResult parsed, TextWriter error)
    {
        foreach (var problem in parsed.Errors)
            error.WriteLine(problem.Message);
        var verbs = parsed.CommandResult.Command.Parents.OfType<Verb>().Append(parsed.CommandResult.Command).OfType<Verb>().Select(verb => verb.Name);
        error.WriteLine($"`{string.Join(' ', ["tagging", .. verbs, "--help"])}` tells how it is used.");
        return ExitCode.WrongUsage;
    }
}
