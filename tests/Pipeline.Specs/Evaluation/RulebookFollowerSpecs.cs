using Microsoft.Extensions.Logging.Abstractions;
using TaggingPipeline.Pipeline.Specs.Doubles;
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
