using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using TaggingPipeline.Projection.Queries;

namespace TaggingPipeline.Projection.Exchange;

/// <summary>What a queue shall get.</summary>
/// <param name="Bindings">Patterns of routing keys: <c>*</c> stands for one word, <c>#</c> for any number of them.</param>
internal sealed record QueueRequest(IReadOnlyList<string?>? Bindings);

/// <summary>Reads what requests say of queues; every mistake is answered with the name of its field.</summary>
internal static partial class QueueReading
{
    /// <summary>So that no queue of the pipeline's own can be meant, and an administrator sees whose it is.</summary>
    public const string Prefix = "subscriber.";

    private const int MostBindings = 100;
    private const int MostBytes = 255;

    public static ProblemHttpResult? CheckName(string name) => NamePattern().IsMatch(name)
        ? null
        : Problems.BadField("name", $"`{name}` is not a name such as `{Prefix}crm`: `{Prefix}`, then 1 to 100 letters, digits, dots, dashes and underscores");

    public static ProblemHttpResult? CheckBindings(IReadOnlyList<string?>? bindings)
    {
        const string field = "bindings";
        if (bindings is not { Count: >= 1 and <= MostBindings })
            return Problems.BadField(field, $"expected 1 to {MostBindings} patterns of routing keys, such as [\"segment.#\", \"tag.value-tier.*\"]");
        return bindings.FirstOrDefault(binding => !IsPattern(binding)) is { } bad
            ? Problems.BadField(field, $"`{bad}` fits no routing key: they are tag.KEY.added, .changed and .removed, segment.KEY.entered and .exited; `*` stands for one word, `#` for any number of them")
            : bindings.Contains(null) ? Problems.BadField(field, "a pattern is null") : null;
    }

    /// <summary>Whether some routing key of a change can fit: what never will is a slip of the pen.</summary>
    private static bool IsPattern(string? pattern)
    {
        if (pattern is null)
            return true; // told of apart
        var words = pattern.Split('.');
        if (Encoding.UTF8.GetByteCount(pattern) > MostBytes || words.Any(word => word.Length == 0 || (word.Length > 1 && word.IndexOfAny(['*', '#']) >= 0)))
            return false;
        return Fits(words, ["tag", null, "added"]) || Fits(words, ["tag", null, "changed"]) || Fits(words, ["tag", null, "removed"])
            || Fits(words, ["segment", null, "entered"]) || Fits(words, ["segment", null, "exited"]);
    }

    /// <param name="key">Its words; null for any.</param>
    private static bool Fits(ReadOnlySpan<string> pattern, ReadOnlySpan<string?> key)
    {
        if (pattern.IsEmpty)
            return key.IsEmpty;
        if (pattern[0] == "#")
            return Fits(pattern[1..], key) || (!key.IsEmpty && Fits(pattern, key[1..]));
        return !key.IsEmpty && (pattern[0] == "*" || key[0] is null || pattern[0] == key[0]) && Fits(pattern[1..], key[1..]);
    }

    [GeneratedRegex(@"\Asubscriber\.[A-Za-z0-9._-]{1,100}\z")]
    private static partial Regex NamePattern();
}
