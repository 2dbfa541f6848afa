using System.Collections.Concurrent;
using MassTransit;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>The queues that this process reads on RabbitMQ.</summary>
/// <remarks>It is ready only while it reads all of them: what keeps one from being read is seen there, and in the log.</remarks>
public sealed class QueueReaders : IHostedService, IHealthCheck
{
    /// <summary>Opening takes some hundredths of a second, and is nothing that anybody should be told of.</summary>
    private static readonly TimeSpan OpensWithin = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, QueueConsumer> _consumers = [];
    private readonly ConcurrentDictionary<QueueReader, bool> _open = [];
    private readonly IBusInstance _bus;
    private readonly IBusRegistrationContext _context;
    private readonly BusAddress.RabbitMq _address;
    private readonly ConfirmedSender _sender;
    private readonly IReadOnlyList<QueueToRead> _always;
    private readonly ILogger<QueueReader> _logger;

    internal QueueReaders(IServiceProvider services, BusAddress.RabbitMq address)
    {
        _address = address;
        _bus = services.GetRequiredService<IBusInstance>();
        _context = services.GetRequiredService<IBusRegistrationContext>();
        _sender = services.GetRequiredService<ConfirmedSender>();
        _always = [.. services.GetServices<QueueToRead>()];
        _logger = services.GetRequiredService<ILogger<QueueReader>>();
    }

    /// <summary>Begins to read a queue, and goes on until the reader is stopped, whatever becomes of the broker meanwhile.</summary>
    /// <param name="atOnce">How many messages are worked on at once, if fewer than are taken from the queue.</param>
    public QueueReader Open<T>(string queue, int? atOnce = null)
        where T : class, IConsumer
    {
        var consumer = _consumers.GetOrAdd(queue, _ => QueueConsumer.Of<T>(_bus, _context, queue, atOnce));
        var reader = new QueueReader(consumer, _address.ConnectionsOf($"tagging reader of {queue}"), _sender, _logger, Closed);
        _open[reader] = true;
        return reader;
    }

    /// <summary>Returns when every queue is read that this host reads as long as it runs.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(_always.Select(queue => queue.Open(this).Opened)).WaitAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(_open.Keys.Select(reader => reader.DisposeAsync().AsTask())).WaitAsync(cancellationToken);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var waiting = _open.Keys.Where(reader => reader.NotReadingFor > OpensWithin).Select(reader => reader.Queue).Order(StringComparer.Ordinal).ToList();
        return Task.FromResult(waiting.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"Not read: {string.Join(", ", waiting)}"));
    }

    private void Closed(QueueReader reader) => _open.TryRemove(reader, out _);
}
