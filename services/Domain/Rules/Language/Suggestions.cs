namespace TaggingPipeline.Domain.Rules.Language;

/// <summary>Finds the name that someone who mistyped probably meant.</summary>
public static class Suggestions
{
    private const int LongestWord = 64;

    /// <summary>The known name nearest to a word, or null if none is near.</summary>
    /// <remarks>
    /// Near is the same but for upper and lower case, or up to one typing mistake in a word of three to five letters, two in a longer one;
    /// a mistake is a letter too many, too few or wrong, or two swapped. Of equally near names it is the one that comes first.
    /// </remarks>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        if (word.Length is 0 or > LongestWord)
            return null;
        var lower = word.ToLowerInvariant();
        var allowed = word.Length switch { < 3 => 0, < 6 => 1, _ => 2 };
        string? nearest = null;
        var least = allowed + 1;
        foreach (var name in known)
        {
            if (Math.Abs(name.Length - word.Length) >= least)
                continue;
            var distance = Distance(lower, name.ToLowerInvariant());
            if (distance < least)
                (nearest, least) = (name, distance);
        }

        return nearest;
    }

    /// <summary><c>; did you mean `name`?</c>, or nothing if no known name is near.</summary>
    public static string DidYouMean(string word, IEnumerable<string> known) =>
        Nearest(word, known) is { } name ? $"; did you mean `{name}`?" : "";

    /// <summary>The name that a message made with <see cref="DidYouMean"/> suggests, or null if it suggests none.</summary>
    public static string? In(string message)
    {
        const string Question = "did you mean `";
        var start = message.IndexOf(Question, StringComparison.Ordinal);
        var end = start < 0 ? -1 : message.IndexOf('`', start + Question.Length);
        return end < 0 ? null : message[(start + Question.Length)..end];
    }

    /// <summary>How many letters must be put in, taken out, replaced or swapped with their neighbour (optimal string alignment).</summary>
    private static int Distance(string from, string to)
    {
        var beforeLast = new int[to.Length + 1];
        var last = new int[to.Length + 1];
        var row = new int[to.Length + 1];
        for (var j = 0; j <= to.Length; j++)
            last[j] = j;
        for (var i = 1; i <= from.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                row[j] = Math.Min(replaced, Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
            }

            (beforeLast, last, row) = (last, row, beforeLast);
        }

        return last[to.Length];
    }
}
