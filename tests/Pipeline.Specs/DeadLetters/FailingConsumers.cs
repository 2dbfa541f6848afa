using MassTransit;
using TaggingPipeline.Contracts;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Pipeline.Specs.DeadLetters;

/// <summary>What the consumers of a test do, and what they were given.</summary>
internal sealed class Mood
{
    public bool Fails { get; set; } = true;

    public List<string> Taken { get; } = [];

    public void Take(string what)
    {
        if (Fails)
            throw new NotSupportedException($"{what} is not for today");
        lock (Taken)
            Taken.Add(what);
    }
}

internal sealed class MoodyConsumer(Mood mood) : IConsumer<EventBatch>
{
    public async Task Consume(ConsumeContext<EventBatch> context)
    {
        mood.Take(string.Join('+', context.Message.Events.Select(each => each.EventId)));
        if (context.RequestId is not null)
            await context.RespondAsync(new EventBatchCommitted { Accepted = context.Message.Events.Count, Duplicate = 0 });
    }
}

/// <summary>At once: without the pauses of production.</summary>
internal sealed class MoodyConsumerDefinition : ConsumerDefinition<MoodyConsumer>
{
    public MoodyConsumerDefinition() => EndpointName = QueueNames.Events;
}
