using System.Collections;
using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;

namespace TaggingPipeline.ServiceDefaults.Settings;

/// <summary>What a host was told: settings that make sense, or everything that is wrong with them.</summary>
/// <param name="Settings">Null if there are problems.</param>
/// <param name="Problems">Each names the setting in full and its valid values.</param>
public sealed record SettingsReading(TaggingSettings? Settings, ImmutableArray<string> Problems)
{
    /// <summary>What else the configuration says, such as how to log; empty if there are problems.</summary>
    public IConfiguration Configuration { get; private init; } = new ConfigurationBuilder().Build();

    /// <summary>Reads <c>appsettings.json</c> in the working folder, the environment and the options, the later winning.</summary>
    /// <param name="options">By the names of <see cref="TaggingSettings"/>' properties; a null leaves the setting as it is otherwise.</param>
    /// <param name="withCustomers">The host keeps customers: the store matters.</param>
    public static SettingsReading Of(IReadOnlyDictionary<string, string?> options, bool withCustomers)
    {
        var unknown = SettingsCheck.Unknown(options).ToImmutableArray();
        if (!unknown.IsEmpty)
            return new(null, unknown);
        try
        {
            return Of(Gather(options), withCustomers);
        }
        catch (InvalidDataException unreadable)
        {
            return new(null, [$"{unreadable.Message} {unreadable.InnerException?.Message}"]);
        }
    }

    /// <param name="configuration">Such as <see cref="Gather"/> gives.</param>
    /// <param name="withCustomers">The host keeps customers: the store matters.</param>
    public static SettingsReading Of(IConfiguration configuration, bool withCustomers)
    {
        // What is there without a value counts as not given.
        var given = configuration.GetSection(SettingName.Section).AsEnumerable(makePathsRelative: true).Where(setting => setting.Value is not null);
        var section = new ConfigurationBuilder().AddInMemoryCollection(given).Build();
        if (SettingsCheck.UnreadableNumber(section) is { } problem)
            return new(null, [problem]);

        var settings = new TaggingSettings();
        section.Bind(settings);
        var problems = SettingsCheck.Problems(settings, withCustomers).ToImmutableArray();
        return problems.IsEmpty ? new SettingsReading(settings, []) { Configuration = configuration } : new(null, problems);
    }

    /// <summary>The configuration that the settings are read from.</summary>
    /// <remarks>An environment variable whose name ends in <c>_FILE</c> names a file with the value, as secrets are handed to containers.</remarks>
    /// <exception cref="InvalidDataException"><c>appsettings.json</c> is no JSON, or such a file cannot be read.</exception>
    public static IConfigurationRoot Gather(IReadOnlyDictionary<string, string?> options) => new ConfigurationBuilder()
        .SetBasePath(Directory.GetCurrentDirectory())
        .AddJsonFile("appsettings.json", optional: true, reloadOnChange: false)
        .AddInMemoryCollection(FromEnvironment())
        .AddInMemoryCollection(options.Where(option => option.Value is not null).Select(option => KeyValuePair.Create(new SettingName(option.Key).Key, option.Value)))
        .Build();

    // Keys do not mind case: TAGGING_ASOF is Tagging:AsOf.
    private static IEnumerable<KeyValuePair<string, string?>> FromEnvironment() =>
        from DictionaryEntry variable in Environment.GetEnvironmentVariables()
        let name = (string)variable.Key
        where name.StartsWith(SettingName.EnvironmentPrefix, StringComparison.Ordinal)
        select SettingsCheck.IsFileOfSetting(name)
            ? KeyValuePair.Create(KeyOf(name[..^SettingName.FileSuffix.Length]), ReadSecret(name, (string)variable.Value!))
            : KeyValuePair.Create(KeyOf(name), (string?)variable.Value);

    private static string KeyOf(string variable) => new SettingName(variable[SettingName.EnvironmentPrefix.Length..]).Key;

    private static string? ReadSecret(string variable, string path)
    {
        if (Environment.GetEnvironmentVariable(variable[..^SettingName.FileSuffix.Length]) is not null)
            throw new InvalidDataException($"Both {variable[..^SettingName.FileSuffix.Length]} and {variable} are given.");
        try
        {
            return File.ReadAllText(path).TrimEnd('\r', '\n');
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{variable} names a file that cannot be read:", unreadable);
        }
    }
}
