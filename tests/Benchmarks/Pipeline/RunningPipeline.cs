using System.Net;
using System.Net.Sockets;
using TaggingPipeline.ServiceDefaults.Settings;
using TaggingPipeline.Standalone;

namespace TaggingPipeline.Benchmarks.Pipeline;

/// <summary>The pipeline in this process, on a free port, until it is disposed.</summary>
internal sealed class RunningPipeline : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<int> _run;

    private RunningPipeline(string url, string store, string rulebook)
    {
        Url = url;
        _run = StandaloneHost.RunAsync(
            new Dictionary<string, string?>
            {
                [nameof(TaggingSettings.Urls)] = url,
                [nameof(TaggingSettings.Store)] = store,
                [nameof(TaggingSettings.Rulebook)] = rulebook,
            },
            _stop.Token);
    }

    public string Url { get; }

    /// <param name="store">As the setting <c>Store</c> names it.</param>
    public static async Task<RunningPipeline> StartAsync(string store, string rulebook)
    {
        var pipeline = new RunningPipeline($"http://127.0.0.1:{FreePort()}", store, rulebook);
        using var http = new HttpClient { BaseAddress = new Uri(pipeline.Url) };
        for (var attempt = 0; attempt < 100; attempt++)
        {
            if (pipeline._run.IsCompleted)
                break;
            try
            {
                if ((await http.GetAsync("/health/ready")).IsSuccessStatusCode)
                    return pipeline;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(100);
        }

        throw new InvalidOperationException("The pipeline did not start.");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
