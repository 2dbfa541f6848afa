using System.Collections.Concurrent;
using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using TaggingPipeline.Pipeline.Specs.Processes;

namespace TaggingPipeline.Pipeline.Specs.Brokers;

/// <summary>A RabbitMQ broker of the tests' own: Debian's server with its own ports, folders, node name, cookie and credentials.</summary>
/// <remarks>
/// It shares nothing with a broker that the machine may run already, not even Erlang's port mapper. What it stores survives <see cref="KillAsync"/> and
/// <see cref="StopAsync"/>, and is gone after <see cref="DisposeAsync"/>.
/// </remarks>
public sealed class RabbitMqServer : IAsyncDisposable
{
    /// <summary>Tests run one after another, and none has more than these at a time.</summary>

    private readonly ConcurrentDictionary<string, string> _testsByVirtualHost = new();
    private readonly ConcurrentQueue<string> _unused = new();

    public const string User = "specs";
    private const string Password = "specs-only";
    private const string Installations = "/usr/lib/rabbitmq/lib";

    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(30);

    private readonly string _scripts;
    private readonly string _folder;
    private readonly Dictionary<string, string?> _environment;
    private readonly RunningProcess _portMapper;
    private RunningProcess? _server;

    private RabbitMqServer(string scripts, string folder)
    {
        (_scripts, _folder) = (scripts, folder);
        var portMapperPort = FreePorts.Take().ToString(CultureInfo.InvariantCulture);
        _environment = new Dictionary<string, string?>
        {
            ["HOME"] = folder, // where Erlang makes and finds this node's cookie
            ["LANG"] = "C.UTF-8",
            ["RABBITMQ_NODENAME"] = Node,
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = Port.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_DIST_PORT"] = FreePorts.Take().ToString(CultureInfo.InvariantCulture),
            ["ERL_EPMD_PORT"] = portMapperPort,
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "mnesia"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(folder, "log"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(folder, "rabbitmq.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(folder, "enabled_plugins"),
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null", // the machine's own settings
            ["RUNNING_UNDER_SYSTEMD"] = "true", // the script becomes the broker, so that its process id is the broker's
        };
        // Started here, because the one that a broker starts for itself outlives it.
        var (file, arguments) = AsBrokerUser("epmd", ["-port", portMapperPort, "-address", "127.0.0.1"]);
        _portMapper = RunningProcess.Start(file, arguments, _environment, folder);
    }

    public int Port { get; } = FreePorts.Take();

    public bool IsRunning => _server is { HasExited: false };

    private string Node => $"specs-{Port}@localhost";

    /// <exception cref="InvalidOperationException">RabbitMQ is not installed.</exception>
    /// <exception cref="TimeoutException">It did not accept connections in time; the message carries what it wrote.</exception>
    public static async Task<RabbitMqServer> StartNewAsync()
    {
        var scripts = Directory.Exists(Installations)
            ? Directory.EnumerateDirectories(Installations, "rabbitmq_server-*").Select(version => Path.Combine(version, "sbin")).FirstOrDefault()
            : null;
        if (scripts is null)
            throw new InvalidOperationException("These tests need RabbitMQ (Debian's rabbitmq-server), which is not installed. eng/test.sh installs it.");

        var folder = Directory.CreateTempSubdirectory("tagging-rabbitmq-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "rabbitmq.conf"), $"""
            default_user = {User}
            default_pass = {Password}
            disk_free_limit.absolute = 50MB
            raft.wal_max_size_bytes = 32000000
            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "enabled_plugins"), "[].");
        if (Environment.IsPrivilegedProcess)
            await RunAsync("chown", ["-R", "rabbitmq:rabbitmq", folder], null);

        var server = new RabbitMqServer(scripts, folder);
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts it on what it stored before, and returns when it accepts connections.</summary>
    public async Task StartAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        var (file, arguments) = AsBrokerUser(Path.Combine(_scripts, "rabbitmq-server"), []);
        var started = _server = RunningProcess.Start(file, arguments, _environment, _folder);
        await Eventually.HoldsAsync("RabbitMQ accepts connections", StartWithin, async () =>
        {
            if (started.HasExited)
                throw new InvalidOperationException($"RabbitMQ ended while starting. It wrote:\n{started.Output}\n{started.Errors}");
            return await AcceptsAsync();
        });
    }

    /// <summary>Stops it as an administrator would.</summary>
    public async Task StopAsync() => await _server!.TerminateAsync(StopWithin);

    /// <summary>Stops it as a power cut would.</summary>
    public async Task KillAsync() => await _server!.KillAsync();

    /// <summary>Makes a virtual host, so that a test meets no queue of another.</summary>
    /// <returns>The setting <c>Bus</c> that leads there.</returns>
    public async Task<string> CreateVirtualHostAsync(string name)
    {
        // Hundreds of queues that nobody uses any longer would slow it down for the tests that follow.
        _testsByVirtualHost[name] = TestContext.CurrentContext.Test.ID;
        var givenBack = "";
        while (_unused.TryDequeue(out var unused))
            givenBack += $"""rabbit_vhost:delete(<<"{unused}">>, <<"{User}">>), """;
        await EvaluateAsync($"""
            {givenBack}rabbit_vhost:add(<<"{name}">>, <<"{User}">>), rabbit_auth_backend_internal:set_permissions(<<"{User}">>, <<"{name}">>, <<".*">>, <<".*">>, <<".*">>, <<"{User}">>).
            """);
        return $"rabbitmq://{User}:{Password}@127.0.0.1:{Port}/{name}";
    }

    /// <summary>The virtual hosts that a test had made are used no longer.</summary>
    public void GiveBack(string testId)
    {
        foreach (var (name, _) in _testsByVirtualHost.Where(made => made.Value == testId))
        {
            if (_testsByVirtualHost.TryRemove(name, out _))
                _unused.Enqueue(name);
        }
    }

    /// <summary>Makes another user, who may do everything in a virtual host.</summary>
    /// <returns>The setting <c>Bus</c> that leads there as that user.</returns>
    public async Task<string> AddUserAsync(string name, string virtualHost)
    {
        await EvaluateAsync($"""
            rabbit_auth_backend_internal:add_user(<<"{name}">>, <<"{Password}">>, <<"{User}">>),
            rabbit_auth_backend_internal:set_permissions(<<"{name}">>, <<"{virtualHost}">>, <<".*">>, <<".*">>, <<".*">>, <<"{User}">>).
            """);
        return $"rabbitmq://{name}:{Password}@127.0.0.1:{Port}/{virtualHost}";
    }

    /// <summary>Has it write to the disk which queues there are. By itself it does so some two seconds after they were declared, whatever it has confirmed of messages in them.</summary>
    public Task KeepQueuesAsync() => EvaluateAsync("mnesia:sync_log().");

    /// <summary>A connection of RabbitMQ's own client.</summary>
    public Task<IConnection> ConnectAsync(string virtualHost, CancellationToken cancellationToken) => new ConnectionFactory
    {
        HostName = "127.0.0.1",
        Port = Port,
        UserName = User,
        Password = Password,
        VirtualHost = virtualHost,
        AutomaticRecoveryEnabled = false,
    }.CreateConnectionAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        await _portMapper.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Task EvaluateAsync(string expression)
    {
        var (file, arguments) = AsBrokerUser(Path.Combine(_scripts, "rabbitmqctl"), ["-n", Node, "eval", expression]);
        return RunAsync(file, arguments, _environment);
    }

    private async Task<bool> AcceptsAsync()
    {
        try
        {
            await using var connection = await ConnectAsync("/", CancellationToken.None);
            return true;
        }
        catch (BrokerUnreachableException)
        {
            return false;
        }
    }

    // RabbitMQ's tools refuse to run as root; anybody else may run a broker in folders of their own.
    private static (string File, string[] Arguments) AsBrokerUser(string file, string[] arguments) => Environment.IsPrivilegedProcess
        ? ("setpriv", ["--reuid=rabbitmq", "--regid=rabbitmq", "--clear-groups", file, .. arguments])
        : (file, arguments);

    private static async Task RunAsync(string file, string[] arguments, IReadOnlyDictionary<string, string?>? environment)
    {
        await using var process = RunningProcess.Start(file, arguments, environment);
        if (await process.WaitForExitAsync(TimeSpan.FromSeconds(180)) != 0)
            throw new InvalidOperationException($"{file} {string.Join(' ', arguments)} failed:\n{process.Output}\n{process.Errors}");
    }
}
