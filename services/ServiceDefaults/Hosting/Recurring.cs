namespace TaggingPipeline.ServiceDefaults.Hosting;

/// <summary>Work that is done again and again while the host runs.</summary>
public static class Recurring
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(2);

    /// <summary>Works at once and then at every interval. A pass that fails is reported, and the next comes after a pause.</summary>
    /// <remarks>On the machine's timer, not the pipeline's clock: that one may stand still.</remarks>
    public static async Task RunAsync(
        TimeSpan interval, Func<CancellationToken, Task> pass, Action<Exception> failed, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = interval;
            try
            {
                await pass(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                failed(exception);
                pause = PauseAfterFailure > interval ? PauseAfterFailure : interval;
            }

            await Task.Delay(pause, stoppingToken);
        }
    }
}
