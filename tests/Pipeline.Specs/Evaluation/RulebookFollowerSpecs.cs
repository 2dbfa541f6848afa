using Microsoft.Extensions.Logging.Abstractions;
using TaggingPipeline.Pipeline.Specs.Doubles;
using TaggingPipeline.Pipeline.Specs.Processes;
using TaggingPipeline.Processing;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.ServiceDefaults.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

[TestFixture]
public sealed class When_the_store_fails_for_a_moment_while_a_process_starts
{
    private readonly VersionsInMemory _versions = VersionsInMemory.Of(PublishedShop.First);

    [Test]
    public async Task The_version_that_it_had_found_by_then_is_in_force()
    {
        var current = new CurrentRulebook(_versions);
        _versions.BeforePaused = () =>
        {
            _versions.BeforePaused = () => { };
            throw new StorageException("busy");
        };
        using var follower = new RulebookFollower(
            _versions, current, new(current), new(_versions, current, new FixedClock(SmallShop.Noon)), NullLogger<RulebookFollower>.Instance);

        await follower.StartAsync(CancellationToken.None);
        await follower.StopAsync(CancellationToken.None);

        Assert.That(current.Value.Number, Is.EqualTo(1));
    }
}

[TestFixture]
public sealed class When_a_file_can_be_read_only_after_the_start
{
    [Test]
    public async Task What_was_published_before_does_not_come_back_with_it()
    {
        using var folder = new TemporaryFolder();
        var versions = VersionsInMemory.Of(PublishedShop.First, PublishedShop.SameMeasures);
        var (current, file) = (new CurrentRulebook(versions), new OwnRulebookFile(folder["shop.yaml"]));
        var publisher = new RulebookPublisher(versions, current, new FixedClock(SmallShop.Noon));
        using var follower = new RulebookFollower(versions, current, new(current), publisher, NullLogger<RulebookFollower>.Instance, file);
        using var watcher = new RulebookWatcher(file, publisher, current, TimeProvider.System, NullLogger<RulebookWatcher>.Instance);
        await follower.StartAsync(CancellationToken.None);
        await watcher.StartAsync(CancellationToken.None);

        folder.Write("shop.yaml", PublishedShop.First);
        await Eventually.HoldsAsync("the file was looked at", TimeSpan.FromSeconds(30), () => Task.FromResult(file.Seen is not null));
        await watcher.StopAsync(CancellationToken.None);
        await follower.StopAsync(CancellationToken.None);

        Assert.That(current.Value.Number, Is.EqualTo(2), "it says what version 1 said");
    }
}
