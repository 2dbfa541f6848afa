using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.ServiceDefaults.Rulebooks;

/// <summary>Puts the rulebook into a host.</summary>
internal static class RulebookRegistration
{
    /// <summary>Adds the rulebook in force, which is there once the services added before have started and this has.</summary>
    /// <param name="path">The file to publish; empty for none.</param>
    public static IServiceCollection AddRulebooks(this IServiceCollection services, string path)
    {
        if (path.Length > 0)
            services.AddSingleton(new OwnRulebookFile(path));
        return services
            .AddSingleton(provider => new CurrentRulebook(provider.GetRequiredService<IRulebookVersions>()))
            .AddSingleton<RolloverPause>()
            .AddSingleton<RulebookPublisher>()
            .AddHostedService<RulebookFollower>();
    }
}
