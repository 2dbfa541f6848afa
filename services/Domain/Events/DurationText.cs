using System.Globalization;
using System.Text;

namespace TaggingPipeline.Domain.Events;

/// <summary>Durations as rulebooks write them: <c>90d</c>, <c>36h</c>, <c>10m</c>, <c>45s</c>, <c>500ms</c>; a day is 24 hours, a week (<c>w</c>) seven days.</summary>
public static class DurationText
{
    /// <summary>The units by name, longest first, with their milliseconds.</summary>
    public static IReadOnlyList<(string Unit, long Milliseconds)> Units { get; } =
        [("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

    /// <summary>Days, hours, minutes, seconds and milliseconds, those that are not zero: <c>12d 3h</c>; <c>0s</c> for none.</summary>
    public static string Format(long milliseconds)
    {
        if (milliseconds == 0)
            return "0s";
        var text = new StringBuilder(milliseconds < 0 ? "-" : "");
        var rest = Math.Abs((decimal)milliseconds);
        foreach (var (unit, length) in Units)
        {
            if (unit == "w")
                continue;
            var count = Math.Floor(rest / length);
            rest -= count * length;
            if (count > 0)
                text.Append(text.Length > 1 || (text.Length == 1 && text[0] != '-') ? " " : "").Append(count.ToString(CultureInfo.InvariantCulture)).Append(unit);
        }

        return text.ToString();
    }
}
