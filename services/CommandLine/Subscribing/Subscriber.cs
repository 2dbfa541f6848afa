using System.Globalization;
using TaggingPipeline.CommandLine.Import;
using TaggingPipeline.CommandLine.Server;

namespace TaggingPipeline.CommandLine.Subscribing;

/// <summary>Writes changes as they come, and connects again for as long as it takes.</summary>
internal sealed class Subscriber(ApiClient client, RetrySchedule retries, Surroundings surroundings, Func<string, string> format)
{
    /// <summary>Returns when so many changes were written; else it goes on until it is cancelled.</summary>
    /// <exception cref="CommandException">The server refuses, or was not there at the first attempt.</exception>
    public async Task RunAsync(string path, StreamProgress progress, int? count, CancellationToken cancellationToken)
    {
        var left = count ?? int.MaxValue;
        var (isFirst, attempt) = (true, 0);
        try
        {
            while (left > 0)
            {
                var what = "the connection ended";
                try
                {
                    await foreach (var change in new ChangeStreamReader(client).ReadAsync(path, progress.Position, cancellationToken))
                    {
                        (isFirst, attempt) = (false, 0);
                        if (change.Data is not null)
                        {
                            await surroundings.Output.WriteLineAsync(format(change.Data));
                            await surroundings.Output.FlushAsync(cancellationToken);
                            left--;
                        }

                        progress.Advance(change.Position);
                        if (left == 0)
                            return;
                    }
                }
                catch (IOException broken)
                {
                    if (isFirst)
                        throw new CommandException($"{broken.Message} (is it running? `tagging serve` starts it)", broken);
                    what = broken.Message;
                }

                progress.Save();
                attempt = Math.Min(attempt + 1, retries.Attempts - 1);
                var pause = retries.DelayAfter(attempt, asked: null)!.Value;
                await surroundings.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{what}; connecting again in {pause.TotalSeconds:0.##} s"));
                await Task.Delay(pause, surroundings.Clock, cancellationToken);
            }
        }
        finally
        {
            progress.Save();
        }
    }
}
