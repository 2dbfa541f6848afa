using MassTransit;
using MassTransit.Middleware;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Processing.DeadLetters;
using TaggingPipeline.ServiceDefaults.Health;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>Puts the bus into a host.</summary>
public static class TaggingBus
{
    /// <summary>Adds the bus, its consumers, <see cref="ISafeSender"/>, <see cref="IRedelivery"/>, <see cref="IResubmission"/> and <see cref="EventQueues"/>; on RabbitMQ what publishes to subscribers too.</summary>
    /// <remarks>
    /// The host starts only when the bus has: on RabbitMQ, when all queues are declared and the broker is connected. Call it before services that send
    /// while they start.
    /// </remarks>
    /// <param name="addConsumers">Adds the consumers of this host; each names its queue in its definition.</param>
    public static IServiceCollection AddTaggingBus(
        this IServiceCollection services, BusAddress address, Action<IBusRegistrationConfigurator> addConsumers)
    {
        if (address is BusAddress.RabbitMq broker)
        {
            services.AddSingleton(broker);
            services.AddHostedService<TopologyDeclaration>();
            services.AddSingleton(EventQueues.ByPartition);
            services.AddSingleton<ConfirmedSender>();
            services.AddSingleton<ISafeSender>(provider => provider.GetRequiredService<ConfirmedSender>());
            services.AddSingleton<IRedelivery>(provider => provider.GetRequiredService<ConfirmedSender>());
            services.AddSingleton<IResubmission>(provider => provider.GetRequiredService<ConfirmedSender>());
            services.AddSingleton(_ => new ChangesExchange(broker));
            services.AddSingleton(_ => new QueueAdministration(broker));
            services.AddSingleton(_ => new ErrorQueues(broker));
            services.AddSingleton(provider => new QueueReaders(provider, broker));
            services.AddHealthChecks().Add(new("queues", provider => provider.GetRequiredService<QueueReaders>(), failureStatus: null, tags: [HealthEndpoints.Ready]));
        }
        else
        {
            services.AddSingleton(EventQueues.One);
            services.AddSingleton<ISafeSender, AnsweredSender>();
            services.AddSingleton<IRedelivery, AnsweredRedelivery>();
            services.AddSingleton<IResubmission, AnsweredResubmission>();
            services.AddSingleton<HandedOver>();
        }

        services.Configure<MassTransitHostOptions>(options =>
        {
            options.WaitUntilStarted = true;
            options.StopTimeout = TimeSpan.FromSeconds(20);

            // What is at work then is given up, and returns to its queue: it may only be waiting to be tried again.
            options.ConsumerStopTimeout = TimeSpan.FromSeconds(5);
        });
        services.AddMassTransit(bus =>
        {
            // The library would otherwise report to its makers over the internet.
            bus.DisableUsageTelemetry();
            addConsumers(bus);
            bus.AddConfigureEndpointsCallback(ConfigureEndpoint);
            if (address is BusAddress.RabbitMq rabbitMq)
                bus.UsingRabbitMq((context, factory) => Configure(context, factory, rabbitMq));
            else
                bus.UsingInMemory(Configure);
        });
        if (address is BusAddress.RabbitMq)
            services.AddHostedService(provider => provider.GetRequiredService<QueueReaders>());
        return services;
    }

    /// <summary>Adds a consumer of the queue that its definition names.</summary>
    public static void AddQueueConsumer<TConsumer, TDefinition>(this IRegistrationConfigurator bus)
        where TConsumer : class, IConsumer
        where TDefinition : class, IConsumerDefinition<TConsumer>, new()
    {
        var definition = new TDefinition();
        var queue = definition.GetEndpointName(DefaultEndpointNameFormatter.Instance);
        bus.AddConsumer<TConsumer, TDefinition>();
        bus.AddSingleton(new QueueToRead(queue, typeof(TConsumer), readers => readers.Open<TConsumer>(queue, definition.ConcurrentMessageLimit)));
    }

    private static void Configure(IBusRegistrationContext context, IInMemoryBusFactoryConfigurator factory)
    {
        var handedOver = context.GetRequiredService<HandedOver>();
        factory.AddSerializer(handedOver);
        factory.AddDeserializer(handedOver);
        factory.ConfigureEndpoints(context);
    }

    private static void Configure(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator factory, BusAddress.RabbitMq address)
    {
        factory.Host(address.Host, address.Port, address.VirtualHost, host =>
        {
            host.Username(address.User);
            host.Password(address.Password);
            host.PublisherConfirmation = true;
            host.OnRefreshConnectionFactory = connections =>
            {
                connections.SocketFactory = BrokerSocket.Create;
                return Task.CompletedTask;
            };
        });
        factory.ConfigureJsonSerializerOptions(options =>
        {
            options.WriteIndented = false;
            if (!options.Converters.Any(converter => converter is ExactNamesConverter))
                options.Converters.Insert(0, new ExactNamesConverter());
            return options;
        });

        // Queues are read by QueueReaders: MassTransit may leave one unread for good after the broker was away.
        var readHere = context.GetServices<QueueToRead>().Select(queue => queue.ConsumerType).ToHashSet();
        factory.ConfigureEndpoints(context, filter => filter.Exclude([.. readHere]));
    }

    private static void ConfigureEndpoint(IRegistrationContext context, string name, IReceiveEndpointConfigurator endpoint)
    {
        if (endpoint is not IRabbitMqReceiveEndpointConfigurator onRabbitMq)
        {
            if (context.GetService<IDeadLetters>() is { } letters)
            {
                endpoint.ConfigureError(error =>
                {
                    error.UseFilter(ActivatorUtilities.CreateInstance<DeadLetterFilter>(context, letters));
                    error.UseFilter(new GenerateFaultFilter()); // whoever waits for an answer
                });
            }

            return;
        }

        onRabbitMq.SetQuorumQueue();
        onRabbitMq.SetQueueArgument(BrokerTopology.DeliveryLimit, BrokerTopology.NeverReached);

        // Other languages send the contracts as plain JSON, some of them without a content type.
        endpoint.UseRawJsonDeserializer(RawSerializerOptions.AnyMessageType, isDefault: true);
    }
}
