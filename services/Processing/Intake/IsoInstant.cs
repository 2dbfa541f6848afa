namespace TaggingPipeline.Processing.Intake;

/// <summary>Instants as ISO 8601 text, in the forms that senders use.</summary>
/// <remarks>
/// <c>2026-03-01</c>, or that with <c>T</c> or a blank and <c>12:30</c>, <c>12:30:15</c>, <c>12:30:15.25</c>; then <c>Z</c>, an offset
/// (<c>+01:00</c>, <c>+0100</c>, <c>+01</c>), or nothing, which is UTC. Digits finer than a millisecond are cut.
/// </remarks>
internal static class IsoInstant
{
    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset instant)
    {
        instant = default;
        var rest = text;
        if (!Digits(ref rest, 4, out var year) || !Skip(ref rest, "-") || !Digits(ref rest, 2, out var month) || !Skip(ref rest, "-")
            || !Digits(ref rest, 2, out var day) || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        var ofDay = TimeSpan.Zero;
        var offset = TimeSpan.Zero;
        if (rest.Length > 0 && !(Skip(ref rest, "Tt ") && TimeOfDay(ref rest, out ofDay) && Offset(ref rest, out offset)))
            return false;

        var ticks = new DateTime(year, month, day).Ticks + ofDay.Ticks - offset.Ticks;
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks)
            return false;
        instant = new(ticks, TimeSpan.Zero);
        return true;
    }

    private static bool TimeOfDay(ref ReadOnlySpan<char> rest, out TimeSpan time)
    {
        time = default;
        var second = 0;
        var millisecond = 0;
        if (!Digits(ref rest, 2, out var hour) || !Skip(ref rest, ":") || !Digits(ref rest, 2, out var minute) || hour > 23 || minute > 59)
            return false;
        if (Skip(ref rest, ":") && (!Digits(ref rest, 2, out second) || second > 59 || !Fraction(ref rest, out millisecond)))
            return false;
        time = new TimeSpan(0, hour, minute, second, millisecond);
        return true;
    }

    private static bool Fraction(ref ReadOnlySpan<char> rest, out int millisecond)
    {
        millisecond = 0;
        if (!Skip(ref rest, ".,"))
            return true;
        var length = 0;
        for (; length < rest.Length && char.IsAsciiDigit(rest[length]); length++)
        {
            if (length < 3)
                millisecond = (millisecond * 10) + (rest[length] - '0');
        }

        for (var missing = length; missing < 3; missing++)
            millisecond *= 10;
        rest = rest[length..];
        return length > 0;
    }

    private static bool Offset(ref ReadOnlySpan<char> rest, out TimeSpan offset)
    {
        offset = default;
        if (rest.Length == 0 || (Skip(ref rest, "Zz") && rest.Length == 0))
            return true;
        var west = rest[0] == '-';
        var minutes = 0;
        if (!Skip(ref rest, "+-") || !Digits(ref rest, 2, out var hours))
            return false;
        Skip(ref rest, ":");
        if (rest.Length > 0 && !Digits(ref rest, 2, out minutes))
            return false;
        offset = new TimeSpan(hours, minutes, 0) * (west ? -1 : 1);
        return rest.Length == 0 && hours <= 23 && minutes <= 59;
    }

    private static bool Digits(ref ReadOnlySpan<char> rest, int count, out int number)
    {
        number = 0;
        if (rest.Length < count)
            return false;
        foreach (var digit in rest[..count])
        {
            if (!char.IsAsciiDigit(digit))
                return false;
            number = (number * 10) + (digit - '0');
        }

        rest = rest[count..];
        return true;
    }

    private static bool Skip(ref ReadOnlySpan<char> rest, string anyOf)
    {
        if (rest.Length == 0 || !anyOf.Contains(rest[0], StringComparison.Ordinal))
            return false;
        rest = rest[1..];
        return true;
    }
}
