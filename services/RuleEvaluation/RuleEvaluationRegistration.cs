using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Populations;
using TaggingPipeline.Processing.Replays;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.RuleEvaluation.Replays;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.RuleEvaluation;

/// <summary>Puts rule evaluation into a host.</summary>
public static class RuleEvaluationRegistration
{
    /// <summary>The use cases, the share in the work, the timers, the roll-over to a replaced rulebook, the look at the population, replays, and the sweep of outboxes.</summary>
    /// <remarks>
    /// The host provides the storage ports, <c>CurrentRulebook</c>, <see cref="TimeProvider"/> and the bus, which must be added before: services
    /// start in the order in which they are added, and these send as soon as they run.
    /// </remarks>
    public static IServiceCollection AddRuleEvaluation(this IServiceCollection services) => services
        .AddSingleton<IChangeSink, ChangeQueue>()
        .AddSingleton(provider => new CurrentShare(provider.GetRequiredService<EventQueues>().ArePartitioned ? WorkShare.Nothing : WorkShare.Everything))
        .AddSingleton<ChangePublisher>()
        .AddSingleton<CustomerRebuilder>()
        .AddSingleton<CustomerRedecider>()
        .AddSingleton<EventCommitter>()
        .AddSingleton<DueEvaluator>()
        .AddRolloverPause()
        .AddSingleton<RulebookRollover>()
        .AddSingleton<PopulationCensus>()
        .AddSingleton<PopulationHistory>()
        .AddSingleton<ReplayRunner>()
        .AddMetrics()
        .AddSingleton<EvaluationMetrics>()
        .AddHostedService<Sharing>()
        .AddHostedService<PartitionLines>()
        .AddHostedService<OutboxSweep>()
        .AddHostedService<Rollovers>()
        .AddHostedService<Censuses>()
        .AddHostedService<ReplayService>()
        .AddHostedService<Timers>();

    /// <remarks>Projection has it too, where both are in one process; and what the host follows sets it.</remarks>
    private static IServiceCollection AddRolloverPause(this IServiceCollection services)
    {
        services.TryAddSingleton<RolloverPause>();
        return services;
    }

    /// <summary>The consumer of event batches.</summary>
    public static void AddRuleEvaluation(this IBusRegistrationConfigurator bus) =>
        bus.AddQueueConsumer<EventBatchConsumer, EventBatchConsumerDefinition>();
}
