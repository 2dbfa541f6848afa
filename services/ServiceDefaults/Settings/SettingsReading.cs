using System.Collections;
using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;

namespace TaggingPipeline.ServiceDefaults.Settings;

/// <summary>What a host was told: settings that make sense, or everything that is wrong with them.</summary>
/// <param name="Settings">Null if there are problems.</param>
/// <param name="Problems">Each names the setting in full and its valid values.</param>
public sealed record SettingsReading(TaggingSettings? Settings, ImmutableArray<string> Problems)
{
    /// <summary>Where settings come from, the later winning: <c>appsettings.json</c> in the working folder, the environment, the options.</summary>
    /// <param name="options">By the names of <see cref="TaggingSettings"/>' properties; a null leaves the setting as it is otherwise.</param>
    public static IConfigurationRoot Gather(IReadOnlyDictionary<string, string?> options) => new ConfigurationBuilder()
        .SetBasePath(Directory.GetCurrentDirectory())
        .AddJsonFile("appsettings.json", optional: true, reloadOnChange: false)
        .AddInMemoryCollection(FromEnvironment())
        .AddInMemoryCollection(options.Where(option => option.Value is not null).Select(option => KeyValuePair.Create(new SettingName(option.Key).Key, option.Value)))
        .Build();

    /// <param name="withCustomers">The host keeps customers: store and rulebook matter.</param>
    public static SettingsReading Of(IConfiguration configuration, bool withCustomers)
    {
        var section = configuration.GetSection(SettingName.Section);
        var settings = new TaggingSettings();
        if (SettingsCheck.UnreadableNumber(section) is { } problem)
            return new(null, [problem]);

        section.Bind(settings);
        var problems = SettingsCheck.Problems(settings, withCustomers).ToImmutableArray();
        return new(problems.IsEmpty ? settings : null, problems);
    }

    // Keys do not mind case: TAGGING_ASOF is Tagging:AsOf.
    private static IEnumerable<KeyValuePair<string, string?>> FromEnvironment() =>
        from DictionaryEntry variable in Environment.GetEnvironmentVariables()
        let name = (string)variable.Key
        where name.StartsWith(SettingName.EnvironmentPrefix, StringComparison.Ordinal)
        select KeyValuePair.Create(new SettingName(name[SettingName.EnvironmentPrefix.Length..]).Key, (string?)variable.Value);
}
