using NUnit.Framework.Interfaces;
using TaggingPipeline.Pipeline.Specs.Brokers;

[assembly: TaggingPipeline.Pipeline.Specs.GivesBackWhatATestHadMade]

namespace TaggingPipeline.Pipeline.Specs;

/// <summary>Stops the shared broker when the last test is over.</summary>
[SetUpFixture]
public sealed class BrokerOfTheRun
{
    [OneTimeTearDown]
    public Task Stop() => SharedBroker.StopAsync();
}

/// <summary>Tells the shared broker of each test that is over.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class GivesBackWhatATestHadMadeAttribute : Attribute, ITestAction
{
    public ActionTargets Targets => ActionTargets.Test;

    public void BeforeTest(ITest test)
    {
    }

    public void AfterTest(ITest test) => SharedBroker.GiveBack(test.Id);
}
