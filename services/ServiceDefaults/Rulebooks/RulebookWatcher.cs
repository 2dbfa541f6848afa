using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.ServiceDefaults.Rulebooks;

/// <summary>Brings a changed rulebook file into force while the host runs.</summary>
/// <remarks>
/// The file is read twice a second, and a content is taken when it was read twice in a row, so that a file in the middle of being written is not. One with errors is
/// refused with every error logged, once, and the rulebook in force stays; so it does while the file is missing.
/// </remarks>
public sealed class RulebookWatcher(string path, CurrentRulebook current, TimeProvider clock, ILogger<RulebookWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        byte[]? before = null, taken = null;
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var content = await ReadAsync(() => File.ReadAllBytesAsync(path, stoppingToken), alreadyUnreadable: before is null);
            if (content is not null && AreEqual(content, before) && !AreEqual(content, taken)
                && await ReadAsync(() => RulebookFile.LoadAsync(path, stoppingToken), alreadyUnreadable: false) is { } compilation)
            {
                taken = content;
                Take(compilation);
            }

            before = content;
        }
    }

    private static bool AreEqual(byte[] content, byte[]? other) => other is not null && content.AsSpan().SequenceEqual(other);

    private async Task<T?> ReadAsync<T>(Func<Task<T>> read, bool alreadyUnreadable)
        where T : class
    {
        try
        {
            return await read();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            if (!alreadyUnreadable)
                Log.RulebookUnreadable(logger, path, unreadable.Message, current.Value.Version);
            return null;
        }
    }

    private void Take(RulebookCompilation compilation)
    {
        foreach (var error in compilation.Errors)
            Log.RulebookErrorFound(logger, path, error.At.Line, error.At.Column, error.Where, error.Message);

        var inForce = current.Value.Version;
        if (compilation.Rulebook is not { } rulebook)
        {
            Log.RulebookRefused(logger, path, compilation.Errors.Length, inForce);
        }
        else if (rulebook.Version != inForce)
        {
            current.Replace(rulebook);
            Log.RulebookReplaced(logger, rulebook.Version, inForce);
        }
    }
}
