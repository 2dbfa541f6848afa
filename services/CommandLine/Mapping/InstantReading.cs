using System.Collections.Immutable;
using System.Globalization;
using NodaTime;
using NodaTime.Text;

namespace TaggingPipeline.CommandLine.Mapping;

/// <summary>How a row's text becomes the instant of its event.</summary>
/// <param name="Patterns">Tried in order; the first that fits the whole text counts.</param>
/// <param name="Zone">Whose clock it is, for text without an offset.</param>
/// <remarks>Local time that a clock change repeats is the earlier one; local time that it skips is moved on by the gap.</remarks>
internal sealed record InstantReading(Template Text, ImmutableArray<InstantPatternChoice> Patterns, DateTimeZone Zone)
{
    public Instant? Of(RowUnderMapping row)
    {
        var text = Text.Of(row).Trim();
        foreach (var pattern in Patterns)
        {
            if (pattern.Read(text, Zone) is { } instant)
                return instant;
        }

        row.Fail(text.Length == 0
            ? "the time is empty"
            : $"the time {RowUnderMapping.Shortened(text)} does not fit the pattern {string.Join(" or ", Patterns.Select(pattern => pattern.Name))}");
        return null;
    }
}

/// <summary>One way to read an instant.</summary>
/// <param name="Read">The instant, or null if the text does not fit; the zone is for text without an offset.</param>
internal sealed record InstantPatternChoice(string Name, Func<string, DateTimeZone, Instant?> Read)
{
    /// <summary>RFC 3339; without an offset, or as a date alone, in the zone.</summary>
    public static InstantPatternChoice Iso { get; } = new("iso", ReadIso);

    private static readonly IPattern<OffsetDateTime>[] IsoWithOffset =
    [
        OffsetDateTimePattern.ExtendedIso,
        OffsetDateTimePattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd' 'HH':'mm':'ss;FFFFFFFFFo<G>"),
    ];

    private static readonly IPattern<LocalDateTime>[] IsoLocal =
    [
        LocalDateTimePattern.ExtendedIso,
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd' 'HH':'mm':'ss;FFFFFFFFF"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd"),
    ];

    /// <summary>The choice of that name or pattern, or what is wrong with it.</summary>
    /// <remarks>
    /// Patterns are those of NodaTime: https://nodatime.org/3.2.x/userguide/localdatetime-patterns. One with an offset (<c>o&lt;…&gt;</c>) needs no
    /// zone.
    /// </remarks>
    public static (InstantPatternChoice? Choice, string? Problem) Named(string name)
    {
        try
        {
            return (name switch
            {
                "iso" => Iso,
                "unix-seconds" => new(name, (text, _) => ReadUnix(text, 1000)),
                "unix-milliseconds" => new(name, (text, _) => ReadUnix(text, 1)),
                _ when name.Contains("o<", StringComparison.Ordinal) => WithOffset(name, OffsetDateTimePattern.CreateWithInvariantCulture(name)),
                _ => Local(name, LocalDateTimePattern.CreateWithInvariantCulture(name)),
            }, null);
        }
        catch (InvalidPatternException failure)
        {
            return (null, $"`{name}` is not a date pattern: {failure.Message} (or write iso, unix-seconds or unix-milliseconds)");
        }
    }

    private static InstantPatternChoice WithOffset(string name, OffsetDateTimePattern pattern) =>
        new(name, (text, _) => pattern.Parse(text).TryGetValue(default, out var read) ? read.ToInstant() : null);

    private static InstantPatternChoice Local(string name, LocalDateTimePattern pattern) =>
        new(name, (text, zone) => pattern.Parse(text).TryGetValue(default, out var read) ? read.InZoneLeniently(zone).ToInstant() : null);

    private static Instant? ReadIso(string text, DateTimeZone zone)
    {
        foreach (var pattern in IsoWithOffset)
        {
            if (pattern.Parse(text).TryGetValue(default, out var read))
                return read.ToInstant();
        }

        foreach (var pattern in IsoLocal)
        {
            if (pattern.Parse(text).TryGetValue(default, out var read))
                return read.InZoneLeniently(zone).ToInstant();
        }

        return null;
    }

    private static Instant? ReadUnix(string text, decimal millisecondsPerUnit)
    {
        if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            || Math.Abs(number) > 1e14m)
            return null;
        var milliseconds = (long)Math.Floor(number * millisecondsPerUnit);
        return milliseconds >= NodaConstants.BclEpoch.ToUnixTimeMilliseconds() && milliseconds <= Instant.MaxValue.ToUnixTimeMilliseconds()
            ? Instant.FromUnixTimeMilliseconds(milliseconds)
            : null;
    }
}
