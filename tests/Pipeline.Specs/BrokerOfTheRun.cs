using TaggingPipeline.Pipeline.Specs.Brokers;

namespace TaggingPipeline.Pipeline.Specs;

/// <summary>Stops the shared broker when the last test is over.</summary>
[SetUpFixture]
public sealed class BrokerOfTheRun
{
    [OneTimeTearDown]
    public Task Stop() => SharedBroker.StopAsync();
}
