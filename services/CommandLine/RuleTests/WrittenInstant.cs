using NodaTime;
using TaggingPipeline.CommandLine.Mapping;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.CommandLine.RuleTests;

/// <summary>Reads instants as tests write them.</summary>
internal static class WrittenInstant
{
    public const string Forms = "an instant such as `2026-01-31T12:00:00Z`, a date or a time in the rulebook's zone such as `2026-01-31` or `2026-01-31 12:00`";

    private static readonly Duration Longest = Duration.FromDays(36_500);

    /// <summary>An instant, or null for other text.</summary>
    /// <param name="zone">Of times without an offset. A time that a clock change repeats is the earlier one; one that it skips is moved on by the gap.</param>
    /// <param name="from">What <c>now</c> means, and <c>-3d</c> and <c>+2h</c> count from; null where there is nothing to count from.</param>
    public static Instant? Read(string text, DateTimeZone zone, Instant? from)
    {
        if (from is { } start)
        {
            if (text == "now")
                return start;
            if (text is ['-' or '+', .. var length] && LengthOf(length) is { } duration)
                return text[0] == '-' ? start - duration : start + duration;
        }

        var isWithoutSeconds = text.Length == 16 && text[10] is 'T' or ' ';
        return InstantPatternChoice.Iso.Read(isWithoutSeconds ? text + ":00" : text, zone);
    }

    /// <summary>A duration of one or more parts, as <c>1d 12h</c>.</summary>
    private static Duration? LengthOf(string text)
    {
        var sum = Duration.Zero;
        foreach (var part in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var digits = part.TakeWhile(char.IsAsciiDigit).Count();
            var milliseconds = DurationText.Units.FirstOrDefault(unit => unit.Unit == part[digits..]).Milliseconds;
            if (milliseconds == 0 || digits is 0 or > 9)
                return null;
            sum += Duration.FromMilliseconds(milliseconds) * int.Parse(part.AsSpan(0, digits), System.Globalization.CultureInfo.InvariantCulture);
        }

        return sum > Longest || string.IsNullOrWhiteSpace(text) ? null : sum;
    }
}
