using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.ServiceDefaults.Hosting;
using TaggingPipeline.ServiceDefaults.Settings;

namespace TaggingPipeline.ServiceDefaults.Rulebooks;

/// <summary>Puts the latest published version of the rulebook in force: before anything is decided, and within a second of its being published. A pause of roll-overs too.</summary>
/// <param name="file">The file to publish at start, if there is one and no version ever had its content.</param>
internal sealed class RulebookFollower(
    IRulebookVersions versions, CurrentRulebook current, RolloverPause pause, RulebookPublisher publisher, ILogger<RulebookFollower> logger, OwnRulebookFile? file = null) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan PauseAtStart = TimeSpan.FromSeconds(1);

    private Rulebook? _told;
    private bool _isInForce;

    /// <remarks>Returns once a rulebook is in force.</remarks>
    /// <exception cref="NoRulebookException">There is none.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        current.Replaced += Tell;
        while (true)
        {
            try
            {
                await BeginAsync(cancellationToken);
                break;
            }
            catch (Exception exception) when (exception is not NoRulebookException && !cancellationToken.IsCancellationRequested)
            {
                Failed(exception);
                await Task.Delay(PauseAtStart, cancellationToken);
            }
        }

        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        current.Replaced -= Tell;
        await base.StopAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Recurring.RunAsync(Interval, LookAsync, Failed, stoppingToken);

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        // A try before this one may have come so far already.
        _isInForce |= await current.FollowAsync(cancellationToken) is not null;
        pause.Set(await versions.PausedAsync(cancellationToken));
        if (file is null)
        {
            if (!_isInForce)
                throw new NoRulebookException([SettingsCheck.NoRulebook()], isSetting: true);
            return;
        }

        // An older file must not take back what was published since.
        if (await ReadAsync(cancellationToken) is { } rulebook)
            await RulebookWatcher.PublishAsync(logger, file, file.Seen!, rulebook, since: 0, publisher, current, cancellationToken);
    }

    /// <returns>Null for a file that cannot be published, while a version is in force.</returns>
    private async Task<Rulebook?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var bytes = await file!.ReadAsync(cancellationToken);
            var (rulebook, errors) = RulebookFile.Compile(bytes);
            file.Seen = bytes;
            if (rulebook is not null)
                return rulebook;
            if (!_isInForce)
                throw new NoRulebookException([.. errors.Select(error => $"{file.Path}:{error}")], isSetting: false);
            RulebookWatcher.Refuse(logger, file.Path, errors, current.Value);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            if (!_isInForce && unreadable is (FileNotFoundException or DirectoryNotFoundException))
                throw new NoRulebookException([SettingsCheck.NoRulebook(file!.Path)], isSetting: true);
            if (!_isInForce)
                throw new NoRulebookException([$"{file!.Path} cannot be read: {unreadable.Message}"], isSetting: false);
            Log.RulebookUnreadable(logger, file!.Path, unreadable.Message, current.Value.Version);
        }

        return null;
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        await current.FollowAsync(cancellationToken);
        pause.Set(await versions.PausedAsync(cancellationToken));
    }

    private void Tell(Rulebook rulebook)
    {
        if (Interlocked.Exchange(ref _told, rulebook) is { } before && before.Number != rulebook.Number)
            Log.RulebookReplaced(logger, rulebook.Version, rulebook.Number, before.Version, before.Number);
    }

    private void Failed(Exception exception) => Log.RulebookNotFollowed(logger, exception);
}
