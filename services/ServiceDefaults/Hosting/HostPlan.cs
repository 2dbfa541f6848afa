using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.ServiceDefaults.Settings;

namespace TaggingPipeline.ServiceDefaults.Hosting;

/// <summary>What one host adds to what all hosts have in common.</summary>
public sealed record HostPlan
{
    /// <summary>For people, such as <c>Ingestion</c>.</summary>
    public required string Name { get; init; }

    /// <summary>It needs the store and a rulebook; one that only passes events on needs neither.</summary>
    public bool KeepsCustomers { get; init; } = true;

    public required Action<IServiceCollection> AddServices { get; init; }

    /// <summary>The queues it reads.</summary>
    public Action<IBusRegistrationConfigurator> AddConsumers { get; init; } = _ => { };

    public Action<IEndpointRouteBuilder> MapEndpoints { get; init; } = _ => { };

    /// <summary>What people are told on the console once requests are accepted.</summary>
    public Action<TextWriter, StartedHost> Greet { get; init; } = (_, _) => { };
}

/// <param name="Url">The first address it listens on.</param>
/// <param name="Rulebook">The rulebook in force; null for a host that needs none.</param>
public sealed record StartedHost(string Url, Rulebook? Rulebook, TaggingSettings Settings);
