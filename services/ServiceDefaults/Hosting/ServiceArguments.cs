using Microsoft.Extensions.Configuration;
using TaggingPipeline.ServiceDefaults.Settings;

namespace TaggingPipeline.ServiceDefaults.Hosting;

/// <summary>The command line of a service that runs as a process of its own: <c>--store sqlite:PATH</c> and the like.</summary>
public static class ServiceArguments
{
    private static readonly Dictionary<string, string> Names = typeof(TaggingSettings).GetProperties()
        .Select(property => new SettingName(property.Name))
        .Where(name => name.Option is not null)
        .ToDictionary(name => name.Option!, name => name.Name);

    /// <summary>The options by the names of the settings; what is no setting keeps its own name, and is refused when settings are read.</summary>
    public static IReadOnlyDictionary<string, string?> Read(string[] arguments) =>
        new ConfigurationBuilder().AddCommandLine(arguments, Names).Build().AsEnumerable().ToDictionary(option => option.Key, option => option.Value);
}
