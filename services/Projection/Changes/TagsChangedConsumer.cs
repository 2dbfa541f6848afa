using MassTransit;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Projection.Changes;

/// <summary>Takes in what changed about customers.</summary>
public sealed class TagsChangedConsumer(
    ProjectionLine line, TagChangeProjector projector, IRedelivery redelivery, TimeProvider clock, ILogger<TagsChangedConsumer> log)
    : IConsumer<TagsChangedBatch>
{
    public async Task Consume(ConsumeContext<TagsChangedBatch> context)
    {
        var customers = context.Message.Customers;
        var outcomes = context.GetRetryAttempt() == 0
            ? await line.ProjectAsync(customers)
            : await ProjectEachAsync(customers, context.CancellationToken);

        var ahead = customers.Where((_, position) => outcomes[position] == ProjectionOutcome.Ahead).ToArray();
        if (ahead.Length > 0)
            await PutBack.SendAsync(context, ahead, redelivery, clock, log);
        else if (context.RequestId is not null)
            await context.RespondAsync(new Stored());
    }

    /// <summary>On a retry each customer goes alone, so that one who cannot be stored does not fail those who shared a commit.</summary>
    private async Task<IReadOnlyList<ProjectionOutcome>> ProjectEachAsync(IReadOnlyList<TagsChanged> customers, CancellationToken cancellationToken)
    {
        var outcomes = await Task.WhenAll(customers.Select(customer => projector.ProjectAsync([customer], cancellationToken)));
        return [.. outcomes.Select(outcome => outcome[0])];
    }
}
