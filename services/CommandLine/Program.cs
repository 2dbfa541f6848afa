using System.Text;
using TaggingPipeline.CommandLine;
using TaggingPipeline.CommandLine.Import;

// Results are many short lines: they are gathered, and written in large pieces.
await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 16) { NewLine = "\n" };
return await TaggingCommand.RunAsync(args, Surroundings.OfProcess(output), RetrySchedule.Usual, TimeSpan.FromSeconds(30), CancellationToken.None);
