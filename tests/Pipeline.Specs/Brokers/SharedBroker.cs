namespace TaggingPipeline.Pipeline.Specs.Brokers;

/// <summary>The one broker of a test run, started when the first test asks for it.</summary>
/// <remarks>Tests that stop or kill a broker start their own.</remarks>
public static class SharedBroker
{
    private static readonly Lazy<Task<RabbitMqServer>> Started = new(RabbitMqServer.StartNewAsync);

    public static Task<RabbitMqServer> GetAsync() => Started.Value;

    /// <summary>What a test had made there is used no longer.</summary>
    internal static void GiveBack(string testId)
    {
        if (Started.IsValueCreated && Started.Value.IsCompletedSuccessfully)
            Started.Value.Result.GiveBack(testId);
    }

    internal static async Task StopAsync()
    {
        if (Started.IsValueCreated && Started.Value.IsCompletedSuccessfully)
            await (await Started.Value).DisposeAsync();
    }
}
