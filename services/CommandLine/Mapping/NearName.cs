namespace TaggingPipeline.CommandLine.Mapping;

/// <summary>Finds the name that was probably meant.</summary>
internal static class NearName
{
    /// <summary><c>; did you mean `x`?</c>, or empty text where nothing is near.</summary>
    public static string Hint(string written, IEnumerable<string> known)
    {
        var nearest = known
            .Select(name => (Name: name, Distance: Distance(written.ToUpperInvariant(), name.ToUpperInvariant())))
            .Where(found => found.Distance <= Math.Max(1, written.Length / 3))
            .OrderBy(found => found.Distance)
            .Select(found => found.Name)
            .FirstOrDefault();
        return nearest is null ? "" : $"; did you mean `{nearest}`?";
    }

    /// <summary>How many letters must be added, left out or replaced (Levenshtein).</summary>
    private static int Distance(string left, string right)
    {
        var previous = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var current = new int[right.Length + 1];
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = previous[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                current[j] = Math.Min(replaced, Math.Min(previous[j], current[j - 1]) + 1);
            }

            previous = current;
        }

        return previous[^1];
    }
}
