using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Events;
using Serilog.Settings.Configuration;

namespace TaggingPipeline.ServiceDefaults.Logging;

/// <summary>Where the log of every host goes: to the console, as Serilog writes it.</summary>
public static class ConsoleLogging
{
    private const string Line = "{Timestamp:HH:mm:ss.fff} {Level:u3} {SourceContext}: {Message:lj}{NewLine}{Exception}";

    /// <param name="configuration">Its section <c>Serilog</c> has the last word.</param>
    public static IServiceCollection AddConsoleLogging(this IServiceCollection services, IConfiguration configuration)
    {
        var logger = new LoggerConfiguration()
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("MassTransit", LogEventLevel.Warning)
            .Filter.ByExcluding(IsToldOtherwise)
            .WriteTo.Console(outputTemplate: Line, formatProvider: CultureInfo.InvariantCulture)
            .ReadFrom.Configuration(configuration, new ConfigurationReaderOptions(typeof(ConsoleLoggerConfigurationExtensions).Assembly))
            .CreateLogger();
        return services.AddLogging(logging => logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddSerilog(logger, dispose: true));
    }

    // Why a host cannot start is said in a sentence on standard error; a defect ends the process with its exception.
    private static bool IsToldOtherwise(LogEvent logged) => logged.MessageTemplate.Text == "Hosting failed to start";
}
