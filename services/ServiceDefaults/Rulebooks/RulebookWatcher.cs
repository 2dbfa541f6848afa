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
/// the first publishes it, and the others find it in force.
/// </remarks>
internal sealed class RulebookWatcher(
    OwnRulebookFile file, RulebookPublisher publisher, CurrentRulebook current, TimeProvider clock, ILogger<RulebookWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private bool _isUnreadable;
    private bool _isUnpublished;

    /// <summary>A file's rulebook, as it is published.</summary>
    public static ProposedRulebook Propose(byte[] content, Rulebook rulebook) =>
        new(Encoding.UTF8.GetString(content), rulebook, RulebookVersion.OfFile, "", RulebookVersion.OfFile);

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
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var content = await ReadAsync(stoppingToken);
            if (content is not null && AreEqual(content, before) && !AreEqual(content, file.Seen))
                await TakeAsync(content, stoppingToken);
            before = content;
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
    private async Task TakeAsync(byte[] content, CancellationToken cancellationToken)
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
            await publisher.PublishAsync(Propose(content, rulebook), expected: null, cancellationToken);
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
