using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace TaggingPipeline.Pipeline.Specs.Brokers;

/// <summary>A way to a broker that a test can break off, or let go dead, in the middle of an answer.</summary>
internal sealed class BrokerDetour : IAsyncDisposable
{
    private readonly int _brokerPort;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Way, Task> _ways = [];
    private readonly Task _listening;
    private int _ended;

    private BrokerDetour(int brokerPort)
    {
        _brokerPort = brokerPort;
        _listener.Start();
        _listening = ListenAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>After how many bytes from the broker a connection made from now on goes dead; none does when null.</summary>
    public int? AnswersEndAfter { get; set; }

    /// <summary>Whether a connection whose answers end is broken off then, and does not just stay silent.</summary>
    public bool BreaksOff { get; set; }

    /// <summary>How many connections have gone dead or were broken off, because their answers ended.</summary>
    public int Ended => _ended;

    public static BrokerDetour To(int brokerPort) => new(brokerPort);

    /// <summary>Breaks off every connection there is.</summary>
    public void BreakOffAll()
    {
        foreach (var way in _ways.Keys)
            way.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _listening;
        BreakOffAll();
        await Task.WhenAll(_ways.Values);
    }

    private async Task ListenAsync()
    {
        while (true)
        {
            try
            {
                var way = new Way(await _listener.AcceptTcpClientAsync(), AnswersEndAfter);
                _ways[way] = RunAsync(way);
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task RunAsync(Way way)
    {
        await Task.Yield();
        try
        {
            await way.Broker.ConnectAsync(IPAddress.Loopback, _brokerPort);
            var asking = way.Client.GetStream().CopyToAsync(way.Broker.GetStream());
            await Task.WhenAny(asking, AnswerAsync(way)).Unwrap();
        }
        catch (Exception broken) when (broken is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Either side ended it, or the test did.
        }
        finally
        {
            way.Dispose();
            _ways.TryRemove(way, out _);
        }
    }

    private async Task AnswerAsync(Way way)
    {
        var buffer = new byte[4096];
        var left = way.AnswersEndAfter;
        while (await way.Broker.GetStream().ReadAsync(buffer) is var count and > 0)
        {
            var passed = Math.Min(count, left);
            await way.Client.GetStream().WriteAsync(buffer.AsMemory(0, passed));
            left -= passed;
            if (left > 0)
                continue;
            Interlocked.Increment(ref _ended);
            if (BreaksOff)
                return;
            await Task.Delay(Timeout.Infinite, way.Disposed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }
    }

    private sealed class Way(TcpClient client, int? answersEndAfter) : IDisposable
    {
        private readonly CancellationTokenSource _disposed = new();

        public TcpClient Client { get; } = client;

        public TcpClient Broker { get; } = new();

        public int AnswersEndAfter { get; } = answersEndAfter ?? int.MaxValue;

        public CancellationToken Disposed => _disposed.Token;

        public void Dispose()
        {
            _disposed.Cancel();
            Client.Dispose();
            Broker.Dispose();
        }
    }
}
