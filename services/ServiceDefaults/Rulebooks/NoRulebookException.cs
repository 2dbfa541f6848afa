namespace TaggingPipeline.ServiceDefaults.Rulebooks;

/// <summary>No version of the rulebook was ever published, and this process has none to publish.</summary>
/// <param name="problems">What to tell, a line each.</param>
/// <param name="isSetting">Whether a setting is what is wrong.</param>
internal sealed class NoRulebookException(IReadOnlyList<string> problems, bool isSetting) : Exception(string.Join('\n', problems))
{
    public IReadOnlyList<string> Problems => problems;

    public bool IsSetting => isSetting;
}
