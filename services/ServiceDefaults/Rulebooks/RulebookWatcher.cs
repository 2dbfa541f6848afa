using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.ServiceDefaults.Rulebooks;

/// <summary>Publishes a rulebook file that changes while the host runs.</summary>
/// <remarks>
/// The file is read twice a second, and a content is taken when it was read twice in a row, so that a file in the middle of being written is not. One with errors is
/// refused with every error logged, once, and the rulebook in force stays; so it does while the file is missing. Of several processes that watch copies of one file
/// the first publishes it, and the others find that it was published since they saw their copy unchanged: even if they look so late that another version is in force by then.
/// One that could not be read at start is taken as at start: it must not take back what was ever published.
/// </remarks>
internal sealed class RulebookWatcher(
    OwnRulebookFile file, RulebookPublisher publisher, CurrentRulebook current, TimeProvider clock, ILogger<RulebookWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private bool _isUnreadable;
    private bool _isUnpublished;

    /// <summary>Publishes a file's rulebook, unless it is a copy of a version after number <paramref name="since"/>.</summary>
    public static async Task PublishAsync(
        ILogger logger, OwnRulebookFile file, byte[] content, Rulebook rulebook, long since, RulebookPublisher publisher, CurrentRulebook current, CancellationToken cancellationToken)
    {
        var proposed = new ProposedRulebook(Encoding.UTF8.GetString(content), rulebook, RulebookVersion.OfFile, "", RulebookVersion.OfFile);
        if (await publisher.PublishUnlessKnownAsync(proposed, since, cancellationToken) is { } known && known.ContentHash != current.Value.ContentHash)
            Log.RulebookFileIsOlder(logger, file.Path, known.Number, current.Value.Number);
    }

    /// <summary>Tells what is wrong with a file while another rulebook is in force.</summary>
    public static void Refuse(ILogger logger, string path, ImmutableArray<RulebookError> errors, Rulebook inForce)
    {
        foreach (var error in errors)
            Log.RulebookErrorFound(logger, path, error.At.Line, error.At.Column, error.Where, error.Message);
        Log.RulebookRefused(logger, path, errors.Length, inForce.Version);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var before = file.Seen;
        var unchangedUnder = current.Value.Number;
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var inForce = current.Value.Number;
            var content = await ReadAsync(stoppingToken);
            if (content is not null && AreEqual(content, before) && !AreEqual(content, file.Seen))
                await TakeAsync(content, file.Seen is null ? 0 : unchangedUnder, stoppingToken); // one that was never seen may be as old as it likes
            before = content;
            if (content is null || AreEqual(content, file.Seen))
                unchangedUnder = inForce;
        }
    }

    private static bool AreEqual(byte[] content, byte[]? other) => other is not null && content.AsSpan().SequenceEqual(other);

    private async Task<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var content = await file.ReadAsync(cancellationToken);
            _isUnreadable = false;
            return content;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            if (!_isUnreadable)
                Log.RulebookUnreadable(logger, file.Path, unreadable.Message, current.Value.Version);
            _isUnreadable = true;
            return null;
        }
    }

    /// <remarks>While the store cannot take it, it is tried again with every look at the file.</remarks>
    private async Task TakeAsync(byte[] content, long unchangedUnder, CancellationToken cancellationToken)
    {
        var (rulebook, errors) = RulebookFile.Compile(content);
        if (rulebook is null)
        {
            Refuse(logger, file.Path, errors, current.Value);
            file.Seen = content;
            return;
        }

        try
        {
            await PublishAsync(logger, file, content, rulebook, unchangedUnder, publisher, current, cancellationToken);
            file.Seen = content;
            _isUnpublished = false;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (!_isUnpublished)
                Log.RulebookNotPublished(logger, exception, file.Path);
            _isUnpublished = true;
        }
    }
}
