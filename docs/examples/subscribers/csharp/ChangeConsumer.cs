using MassTransit;

namespace TaggingPipeline.ExampleSubscriber;

/// <summary>Acts on changes. A delivery is acknowledged when this returns.</summary>
public sealed class ChangeConsumer(ChangeFile file) : IConsumer<Change>
{
    public Task Consume(ConsumeContext<Change> context)
    {
        file.Keep(context.Message);
        return Task.CompletedTask;
    }
}
