namespace TaggingPipeline.ServiceDefaults.Settings;

/// <summary>A setting's name in each of the ways in which it can be given.</summary>
/// <param name="Name">A property of <see cref="TaggingSettings"/>.</param>
public readonly record struct SettingName(string Name)
{
    public const string Section = "Tagging";
    public const string EnvironmentPrefix = "TAGGING_";

    /// <summary>In configuration, such as <c>Tagging:AsOf</c>.</summary>
    public string Key => $"{Section}:{Name}";

    /// <summary>On the command line, such as <c>--as-of</c>.</summary>
    public string Option => "--" + Words('-').ToLowerInvariant();

    /// <summary>In the environment, such as <c>TAGGING_AS_OF</c>; <c>TAGGING_ASOF</c> is read as well.</summary>
    public string EnvironmentVariable => EnvironmentPrefix + Words('_').ToUpperInvariant();

    public override string ToString() => $"{Name} ({Option}, {EnvironmentVariable})";

    private string Words(char separator) =>
        string.Concat(Name.Select((letter, i) => i > 0 && char.IsUpper(letter) ? $"{separator}{letter}" : letter.ToString()));
}
