using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using TaggingPipeline.Processing.Populations;
using TaggingPipeline.Processing.Previews;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Replays;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Projection.Changes;
using TaggingPipeline.Projection.DeadLetters;
using TaggingPipeline.Projection.Exchange;
using TaggingPipeline.Projection.Queries;
using TaggingPipeline.Projection.Rejections;
using TaggingPipeline.Projection.Replays;
using TaggingPipeline.Projection.Rulebooks;
using TaggingPipeline.Projection.Streaming;
using TaggingPipeline.Projection.Webhooks;
using TaggingPipeline.ServiceDefaults.Bus;
using TaggingPipeline.ServiceDefaults.Settings;

namespace TaggingPipeline.Projection;

/// <summary>What a host adds to project changes and to answer queries.</summary>
public static class ProjectionServices
{
    /// <summary>Adds projection, the roll-over of segments, and what <see cref="QueryRoutes.MapQueries"/> needs.</summary>
    /// <remarks>The host adds the store's ports, the rulebook in force, the clock (<see cref="TimeProvider"/>), the bus and the settings.</remarks>
    public static IServiceCollection AddProjection(this IServiceCollection services)
    {
        services.AddSingleton<TagChangeProjector>();
        services.AddSingleton<FeedSignal>();
        services.AddSingleton<ProjectionLine>();
        services.TryAddSingleton<RolloverPause>(); // as evaluation, and the host
        services.AddSingleton<SegmentRollover>();
        services.TryAddSingleton<RulebookPublisher>(); // as the host
        services.AddSingleton<RolloverMeter>();
        services.AddSingleton<CustomerReader>();
        services.TryAddSingleton<PopulationCensus>(); // evaluation has it too, where both are in one process
        services.AddSingleton<RulebookPreview>();
        services.AddSingleton(provider =>
            ActivatorUtilities.CreateInstance<PublishGuard>(provider, provider.GetRequiredService<IOptions<TaggingSettings>>().Value.PublishGuardPercent));
        services.TryAddSingleton<PopulationHistory>(); // so it has this
        services.AddSingleton<DigestReader>();
        services.AddSingleton<RulebookHistory>();
        services.AddSingleton<PastReader>();
        services.AddSingleton<PastReading>();
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<HandTags>();
        services.AddHostedService<SegmentRolloverService>();
        services.AddHostedService<UnfinishedCommits>();
        services.TryAddSingleton(StreamPace.Usual);
        services.AddSingleton<FeedWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<FeedWatch>());
        services.AddHostedService<ExchangePublisher>();
        services.AddHostedService<ErrorQueueCollector>();
        services.AddSingleton<QueueDesk>();
        services.AddSingleton<DeadLetterDesk>();
        services.AddSingleton<RejectionDesk>();
        services.AddWebhooks();
        services.AddOpenApi(ApiDescription.Configure);
        return services;
    }

    /// <summary>Adds the readers of the queues that projection reads.</summary>
    public static void AddProjectionConsumers(this IRegistrationConfigurator bus)
    {
        bus.AddQueueConsumer<TagsChangedConsumer, TagsChangedConsumerDefinition>();
        bus.AddQueueConsumer<EventsRejectedConsumer, EventsRejectedConsumerDefinition>();
    }
}
