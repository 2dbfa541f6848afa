using System.Collections.Concurrent;
using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Contracts;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Pipeline.Specs.Bus;

/// <summary>A host with nothing but the bus, whose consumers pass on what they receive.</summary>
internal sealed class BusHost : IAsyncDisposable
{
    private readonly IHost _host;

    private BusHost(IHost host) => _host = host;

    public ISafeSender Sender => _host.Services.GetRequiredService<ISafeSender>();

    public Received Received => _host.Services.GetRequiredService<Received>();

    /// <param name="consumes">Whether this host reads queues, or only sends.</param>
    /// <param name="readsErrors">Whether it also reads the error queue of batches.</param>
    public static async Task<BusHost> StartAsync(string address, bool consumes = true, bool readsErrors = false)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddHealthChecks();
        builder.Services.AddSingleton<Received>();
        builder.Services.AddTaggingBus(BusAddress.Parse(address), bus =>
        {
            if (!consumes)
                return;
            bus.AddQueueConsumer<Batches, BatchesDefinition>();
            bus.AddQueueConsumer<Changes, ChangesDefinition>();
            if (readsErrors)
                bus.AddQueueConsumer<FailedBatches, FailedBatchesDefinition>();
        });
        var host = new BusHost(builder.Build());
        await host._host.StartAsync();
        return host;
    }

    /// <summary>What it would answer to <c>/health/ready</c>.</summary>
    public async Task<bool> IsReadyAsync()
    {
        var report = await _host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains("ready"));
        return report.Status == HealthStatus.Healthy;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private sealed class Batches(Received received) : IConsumer<EventBatch>
    {
        public async Task Consume(ConsumeContext<EventBatch> context)
        {
            if (context.Message.Events.Any(shopEvent => shopEvent.Name == "fails"))
                throw new FormatException("as the test wants");
            await received.Batches.Writer.WriteAsync(context.Message);
            if (context.RequestId is not null)
                await context.RespondAsync(new EventBatchCommitted { Accepted = context.Message.Events.Count, Duplicate = 0 });
        }
    }

    private sealed class BatchesDefinition : ConsumerDefinition<Batches>
    {
        public BatchesDefinition() => EndpointName = QueueNames.Events;
    }

    private sealed class FailedBatches(Received received) : IConsumer<EventBatch>
    {
        public async Task Consume(ConsumeContext<EventBatch> context) => await received.Failed.Writer.WriteAsync(context.Message);
    }

    private sealed class FailedBatchesDefinition : ConsumerDefinition<FailedBatches>
    {
        public FailedBatchesDefinition() => EndpointName = QueueNames.Events + "_error";
    }

    private sealed class Changes(Received received, IRedelivery redelivery) : IConsumer<TagsChangedBatch>
    {
        public async Task Consume(ConsumeContext<TagsChangedBatch> context)
        {
            var round = context.Headers.Get<int>(IRedelivery.RoundHeader).GetValueOrDefault();
            received.Rounds.Enqueue(round);
            if (round < received.RoundsWanted)
            {
                await redelivery.SendAgainAsync(context, QueueNames.TagChanges, context.Message, round + 1);
                return;
            }

            await received.Changes.Writer.WriteAsync(context.Message);
            if (context.RequestId is not null)
                await context.RespondAsync(new Stored());
        }
    }

    private sealed class ChangesDefinition : ConsumerDefinition<Changes>
    {
        public ChangesDefinition() => EndpointName = QueueNames.TagChanges;
    }
}

/// <summary>What the consumers of a host received.</summary>
internal sealed class Received
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public Channel<EventBatch> Batches { get; } = Channel.CreateUnbounded<EventBatch>();

    public Channel<EventBatch> Failed { get; } = Channel.CreateUnbounded<EventBatch>();

    /// <summary>How often changes are sent again before they are passed on.</summary>
    public int RoundsWanted { get; set; }

    /// <summary>The rounds in which changes came.</summary>
    public ConcurrentQueue<int> Rounds { get; } = [];

    public Channel<TagsChangedBatch> Changes { get; } = Channel.CreateUnbounded<TagsChangedBatch>();

    public Task<EventBatch> NextBatchAsync() => Batches.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    public Task<EventBatch> NextFailedAsync() => Failed.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    public Task<TagsChangedBatch> NextChangesAsync() => Changes.Reader.ReadAsync().AsTask().WaitAsync(Patience);
}
