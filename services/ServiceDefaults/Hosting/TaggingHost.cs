using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using TaggingPipeline.Processing;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.ServiceDefaults.Bus;
using TaggingPipeline.ServiceDefaults.Clocks;
using TaggingPipeline.ServiceDefaults.Health;
using TaggingPipeline.ServiceDefaults.Logging;
using TaggingPipeline.ServiceDefaults.Populations;
using TaggingPipeline.ServiceDefaults.Rulebooks;
using TaggingPipeline.ServiceDefaults.Settings;
using TaggingPipeline.ServiceDefaults.Stores;

namespace TaggingPipeline.ServiceDefaults.Hosting;

/// <summary>The life of a host: settings, rulebook, store, bus, and only then requests; at its end the other way round.</summary>
public static class TaggingHost
{
    private const int Stopped = 0;
    private const int CannotStart = 1;
    private const int WrongSettings = 2;

    /// <summary>Enough for what each part may take to finish what it has begun.</summary>
    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(45);

    /// <summary>Runs until the process is asked to end (SIGTERM, Ctrl+C) or the token is cancelled; requests that were begun are answered first.</summary>
    /// <param name="options">Settings by name; they win over environment and configuration.</param>
    /// <returns>0 when it was asked to end, 2 for wrong settings, 1 if it cannot start for another reason. Standard error says what is wrong.</returns>
    public static async Task<int> RunAsync(HostPlan plan, IReadOnlyDictionary<string, string?> options, CancellationToken cancellationToken)
    {
        var reading = SettingsReading.Of(options, plan.KeepsCustomers);
        if (reading.Settings is not { } settings)
            return Refuse(WrongSettings, reading.Problems);

        await using var app = Build(plan, settings, reading.Configuration);
        try
        {
            app.MapHealth(); // creates the bus, and with it the store
            plan.MapEndpoints(app);
            await app.StartAsync(cancellationToken);
        }
        catch (StorageException unusable)
        {
            return Refuse(CannotStart, [$"The store {StoreAddress.Parse(settings.Store)} cannot be used: {unusable.Message}"]); // it is opened first: nothing else has started
        }
        catch (NoRulebookException none)
        {
            await app.StopAsync(CancellationToken.None); // what did start
            return Refuse(none.IsSetting ? WrongSettings : CannotStart, none.Problems);
        }
        catch (Exception failure) when (StartFailure.Explain(failure, settings) is { } explanation)
        {
            await app.StopAsync(CancellationToken.None); // what did start
            return Refuse(CannotStart, [explanation]);
        }
        catch (OperationCanceledException)
        {
            await app.StopAsync(CancellationToken.None);
            return Stopped; // asked to end while it waited for the broker
        }

        Console.WriteLine($"{plan.Name} listens on {string.Join(" and ", app.Urls)}");
        plan.Greet(Console.Out, new StartedHost(app.Urls.First(), app.Services.GetService<CurrentRulebook>()?.Value, settings));
        await app.WaitForShutdownAsync(cancellationToken);
        return Stopped;
    }

    private static WebApplication Build(HostPlan plan, TaggingSettings settings, IConfiguration configuration)
    {
        // Nothing but the settings decides where a host listens: the usual builder would also obey ASPNETCORE_* and a section Kestrel.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = plan.Name });
        builder.WebHost.UseKestrel(server => server.AddServerHeader = false).UseUrls([.. settings.Addresses().Select(address => address.Text)]);

        var services = builder.Services;
        services.AddRouting();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = StopsWithin);
        services.AddConsoleLogging(configuration);
        services.AddSingleton(settings);
        services.AddSingleton(Options.Create(settings));
        services.AddSingleton(settings.StandingAt() is { } instant ? new StandingClock(instant) : TimeProvider.System);
        services.AddHealth(withStore: plan.KeepsCustomers);

        // What is added first starts first and stops last; the web server starts after all of it and stops before.
        if (plan.KeepsCustomers)
            services.AddStore(StoreAddress.Parse(settings.Store)).AddRulebooks(settings.Rulebook).AddHostedService<PopulationFollower>();
        services.AddTaggingBus(BusAddress.Parse(settings.Bus), plan.AddConsumers);
        plan.AddServices(services);
        if (plan.KeepsCustomers && settings.Rulebook.Length > 0)
            services.AddHostedService<RulebookWatcher>();

        return builder.Build();
    }

    private static int Refuse(int exitCode, IEnumerable<string> problems)
    {
        foreach (var problem in problems)
            Console.Error.WriteLine(problem);
        return exitCode;
    }
}
