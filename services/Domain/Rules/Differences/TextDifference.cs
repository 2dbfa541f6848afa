namespace TaggingPipeline.Domain.Rules.Differences;

/// <summary>What differs between two texts that may be missing, or two lists of names, in words.</summary>
internal static class TextDifference
{
    /// <param name="name">What the text is; may be empty.</param>
    /// <returns>Null if they are the same.</returns>
    public static string? Between(string name, SourceText? before, SourceText? after)
    {
        var label = name.Length == 0 ? "" : name + " ";
        return (before?.Text, after?.Text) switch
        {
            var (one, other) when one == other => null,
            (null, { } added) => $"{label}added: {added}",
            ({ } removed, null) => $"{label}removed: {removed}",
            var (one, other) => $"{label}{one} → {other}",
        };
    }

    /// <summary>The names that both lists have, in the order of each.</summary>
    /// <returns>Null if that is the same.</returns>
    public static string? OfOrder(IEnumerable<string> before, IEnumerable<string> after)
    {
        var (one, other) = (before.ToArray(), after.ToArray());
        var (kept, now) = (one.Where(other.Contains).ToArray(), other.Where(one.Contains).ToArray());
        return kept.SequenceEqual(now, StringComparer.Ordinal) ? null : $"{string.Join(", ", kept)} → {string.Join(", ", now)}";
    }
}
