using System.Text;

namespace TaggingPipeline.Processing.Rejections;

/// <summary>What reasons have in common that differ in numbers alone, such as where in the text something was found.</summary>
public static class ReasonPattern
{
    /// <summary>The reason with <c>#</c> for each run of digits from 0 to 9, and of <c>#</c>.</summary>
    public static string Of(string reason)
    {
        var pattern = new StringBuilder(reason.Length);
        foreach (var each in reason)
        {
            if (!char.IsAsciiDigit(each) && each != '#')
                pattern.Append(each);
            else if (pattern.Length == 0 || pattern[^1] != '#')
                pattern.Append('#');
        }

        return pattern.ToString();
    }
}
