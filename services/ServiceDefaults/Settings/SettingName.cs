namespace TaggingPipeline.ServiceDefaults.Settings;

/// <summary>A setting's name in each of the ways in which it can be given.</summary>
/// <param name="Name">A property of <see cref="TaggingSettings"/>.</param>
public readonly record struct SettingName(string Name)
{
    public const string Section = "Tagging";
    public const string EnvironmentPrefix = "TAGGING_";

    /// <summary>Ends the name of an environment variable that names a file with the value, such as <c>TAGGING_WRITEKEYS_FILE</c>.</summary>
    public const string FileSuffix = "_FILE";

    /// <summary>In configuration, such as <c>Tagging:AsOf</c>.</summary>
    public string Key => $"{Section}:{Name}";

    /// <summary>In the environment, such as <c>TAGGING_ASOF</c>.</summary>
    public string EnvironmentVariable => EnvironmentPrefix + Name.ToUpperInvariant();

    /// <summary>On the command line, such as <c>--as-of</c>; null for a setting that is no option. Keys are none: command lines are seen by others.</summary>
    public string? Option => Name switch
    {
        nameof(TaggingSettings.Store) => "--store",
        nameof(TaggingSettings.Bus) => "--bus",
        nameof(TaggingSettings.Rulebook) => "--rulebook",
        nameof(TaggingSettings.AsOf) => "--as-of",
        nameof(TaggingSettings.Urls) => "--urls",
        _ => null,
    };

    public override string ToString() => Option is null ? $"{Name} ({EnvironmentVariable})" : $"{Name} ({Option}, {EnvironmentVariable})";
}
