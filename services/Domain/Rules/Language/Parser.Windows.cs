namespace TaggingPipeline.Domain.Rules.Language;

/// <content>Windows in words: <c>today</c>, <c>last month</c>, <c>3 calendar days</c>, <c>previous 30d</c>.</content>
public sealed partial class Parser
{
    private const string UnitsExpected = "`day`, `week`, `month`, `quarter` or `year`";

    /// <summary>The longest calendar window, in units of the largest kind allowed for it: with a hundred years every window ends in the calendar's range.</summary>
    private const int MostYears = 100;

    private bool StartsWindow => Current.Kind switch
    {
        TokenKind.Name => Current.Text is "today" or "yesterday" || (Current.Text is "this" or "last" or "previous" && Next != TokenKind.Open),
        TokenKind.Number => Next == TokenKind.Name && !Array.Exists(Lexer.UnitNames, unit => unit == _tokens[_index + 1].Text),
        _ => false,
    };

    private Syntax ParseWindow()
    {
        var start = Current.Span;
        switch (Current.Text)
        {
            case "today" or "yesterday":
                var isYesterday = Current.Text == "yesterday";
                Advance();
                return new WindowSyntax(start, CalendarUnit.Day, 1, isYesterday ? 1 : 0);
            case "previous":
                Advance();
                if (Current is { Kind: TokenKind.Duration } duration)
                {
                    Advance();
                    return new WindowSyntax(TextSpan.Between(start, duration.Span), null, (long)duration.Number, (long)duration.Number);
                }

                return Current.Kind == TokenKind.Number ? ParseCalendarUnits(start, isPrevious: true) : Unexpected("a duration or calendar units after `previous`, as in `previous 30d` or `previous 4 calendar weeks`");
            case "last" when Next == TokenKind.Number:
                Advance();
                return ParseCalendarUnits(start, isPrevious: false);
            case "this" or "last":
                var isLast = Current.Text == "last";
                Advance();
                if (Current.Kind != TokenKind.Name || UnitOf(Current.Text) is not { } unit)
                    return Unexpected(UnitsExpected);
                Advance();
                return new WindowSyntax(TextSpan.Between(start, Previous.Span), unit, 1, isLast ? 1 : 0);
            default:
                return ParseCalendarUnits(start, isPrevious: false);
        }
    }

    private Syntax ParseCalendarUnits(TextSpan start, bool isPrevious)
    {
        var count = Current;
        Advance();
        if (Current is not { Kind: TokenKind.Name, Text: "calendar" })
        {
            return Unexpected(Current.Kind == TokenKind.Name && UnitOf(Current.Text) is { } named
                ? $"`calendar` before `{Current.Text}`, as in `{_text.AsSpan(count.Span.Start, count.Span.Length)} calendar {Current.Text}`"
                    + (named is CalendarUnit.Day or CalendarUnit.Week ? ", or a duration, such as `7d`" : "")
                : "`calendar` and a unit, as in `3 calendar days`");
        }

        Advance();
        if (Current.Kind != TokenKind.Name || UnitOf(Current.Text) is not { } unit)
            return Unexpected("`days`, `weeks`, `months`, `quarters` or `years`");
        if (count.Number < 1 || count.Number != decimal.Floor(count.Number) || count.Number > MostYears * PerYear(unit))
        {
            Report($"expected a whole number of {Current.Text}, 1 to {MostYears * PerYear(unit)}");
            Advance();
            return Nothing();
        }

        Advance();
        return new WindowSyntax(TextSpan.Between(start, Previous.Span), unit, (long)count.Number, isPrevious ? (long)count.Number : 0);
    }

    private NowSyntax Unexpected(string expected)
    {
        ReportUnexpected(expected);
        return Nothing();
    }

    private static CalendarUnit? UnitOf(string word) => word switch
    {
        "day" or "days" => CalendarUnit.Day,
        "week" or "weeks" => CalendarUnit.Week,
        "month" or "months" => CalendarUnit.Month,
        "quarter" or "quarters" => CalendarUnit.Quarter,
        "year" or "years" => CalendarUnit.Year,
        _ => null,
    };

    private static int PerYear(CalendarUnit unit) => unit switch
    {
        CalendarUnit.Day => 365,
        CalendarUnit.Week => 52,
        CalendarUnit.Month => 12,
        CalendarUnit.Quarter => 4,
        _ => 1,
    };
}
