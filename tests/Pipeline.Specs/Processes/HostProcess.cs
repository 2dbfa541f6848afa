using System.Net;
using TaggingPipeline.ServiceDefaults.Settings;

namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>One of the built hosts as a process of its own, listening on a free port, which it keeps when it is started again.</summary>
public sealed class HostProcess : IAsyncDisposable
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(90);

    private const int LinesShown = 25;

    private readonly string[] _command;
    private readonly IReadOnlyDictionary<string, string?> _settings;
    private RunningProcess? _process;

    private HostProcess(string[] command, IReadOnlyDictionary<string, string?> settings)
    {
        _command = command;
        Client = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) }) { BaseAddress = new Uri(Url), Timeout = TimeSpan.FromSeconds(60) };
        Client.DefaultRequestHeaders.Authorization = new("Bearer", TaggingSettings.DevelopmentApiKey);
        _settings = new Dictionary<string, string?>(settings) { ["Urls"] = Url };
    }

    public string Url { get; } = $"http://127.0.0.1:{FreePorts.Take()}";

    /// <summary>Carries the API key.</summary>
    public HttpClient Client { get; }

    public RunningProcess Process => _process ?? throw new InvalidOperationException("The host was not started.");

    /// <param name="settings">By name, such as <c>AsOf</c>.</param>
    public static HostProcess Standalone(IReadOnlyDictionary<string, string?> settings) => new(["tagging.dll", "serve"], settings);

    /// <param name="service">Such as <c>Ingestion</c>.</param>
    public static HostProcess Of(string service, IReadOnlyDictionary<string, string?> settings) => new([$"TaggingPipeline.{service}.dll"], settings);

    /// <summary>Starts it, or starts it again, and does not wait.</summary>
    public async Task BeginAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _process = Run(_command, _settings);
    }

    /// <summary>Starts it, or starts it again, and returns when it is ready.</summary>
    public async Task StartAsync()
    {
        await BeginAsync();
        await ReadyAsync();
    }

    public Task ReadyAsync() => Eventually.HoldsAsync($"{_command[0]} is ready", ReadyWithin, IsReadyAsync);

    /// <summary>Kills it, and shows the end of what it wrote.</summary>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_process is null)
            return;
        await _process.DisposeAsync();
        TestContext.Out.WriteLine($"{_command[0]} wrote at its end:\n{string.Join('\n', _process.Output.Split('\n').TakeLast(LinesShown))}\n{_process.Errors}");
    }

    /// <summary>Runs a host that is expected to end by itself.</summary>
    public static RunningProcess Run(string[] command, IReadOnlyDictionary<string, string?> settings)
    {
        var options = settings.SelectMany(setting => new[] { new SettingName(setting.Key).Option!, setting.Value! });
        return RunningProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, command[0]), .. command[1..], .. options]);
    }

    private async Task<bool> IsReadyAsync()
    {
        if (Process.HasExited)
            throw new InvalidOperationException($"{_command[0]} ended while starting. It wrote:\n{Process.Output}\n{Process.Errors}");
        try
        {
            using var response = await Client.GetAsync("/health/ready");
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false; // it does not listen yet
        }
    }
}
