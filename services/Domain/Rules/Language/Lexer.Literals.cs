using System.Buffers;
using System.Globalization;
using System.Text;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Rules.Language;

/// <content>Numbers, durations and text.</content>
internal sealed partial class Lexer
{
    private const long LongestDuration = 36_500L * 86_400_000;

    public static readonly string[] UnitNames = [.. DurationText.Units.Select(unit => unit.Unit)];

    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\r\n");

    private void ReadNumber()
    {
        var start = _at;
        SkipDigits();
        if (IsDate(start))
        {
            while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '-' or ':' or '.' or '+'))
                _at++;
            Add(TokenKind.Text, start, _text[start.._at]);
            Report(start, $"a date stands in quotes: write \"{_text[start.._at]}\"");
            return;
        }

        var isWhole = !(_at + 1 < _text.Length && _text[_at] == '.' && char.IsAsciiDigit(_text[_at + 1]));
        if (!isWhole)
        {
            _at++;
            SkipDigits();
        }

        var digits = _text.AsSpan(start, _at - start);
        var suffixAt = _at;
        while (_at < _text.Length && IsNamePart(_at, out var length))
            _at += length;
        if (_at == suffixAt)
            AddNumber(start, digits);
        else
            AddDuration(start, digits, isWhole, _text[suffixAt.._at]);
    }

    /// <summary>Whether an unquoted date stands there, which would otherwise be a subtraction.</summary>
    private bool IsDate(int start) =>
        _at - start == 4 && start + 10 <= _text.Length && _text[_at] == '-' && _text[_at + 3] == '-'
        && char.IsAsciiDigit(_text[_at + 1]) && char.IsAsciiDigit(_text[_at + 2])
        && char.IsAsciiDigit(_text[_at + 4]) && char.IsAsciiDigit(_text[_at + 5]);

    private void SkipDigits()
    {
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
            _at++;
    }

    private void AddNumber(int start, ReadOnlySpan<char> digits)
    {
        // Digits beyond a decimal's are rounded away by TryParse; a number that means another than it says is an error here.
        var isDecimal = decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number);
        var significant = digits.TrimStart('0');
        var isExact = isDecimal
            && number.ToString(CultureInfo.InvariantCulture).AsSpan().TrimStart('0').SequenceEqual(significant);
        Add(TokenKind.Number, start, number: number);
        if (!isExact)
            Report(start, "the number is too large or has too many digits: expected at most 28");
    }

    private void AddDuration(int start, ReadOnlySpan<char> digits, bool isWhole, string suffix)
    {
        var milliseconds = DurationText.Units.FirstOrDefault(unit => unit.Unit == suffix).Milliseconds;
        var isUnit = milliseconds > 0;
        var fits = digits.TrimStart('0').Length <= 16;
        var length = isUnit && isWhole && fits ? decimal.Parse(digits, CultureInfo.InvariantCulture) * milliseconds : 0;
        Add(isUnit ? TokenKind.Duration : TokenKind.Number, start, number: length > LongestDuration ? 0 : length);

        var written = _text[start.._at];
        if (suffix.AsSpan().TrimStart("_0123456789").IsEmpty)
            Report(start, $"`{written}`: digits are not grouped in numbers: write `{written.Replace("_", "", StringComparison.Ordinal)}`");
        else if (!isUnit)
            Report(start, $"`{written}` is neither a number nor a duration: expected a number and one of {string.Join(", ", UnitNames)}{UnitHint(suffix)}");
        else if (!isWhole)
            Report(start, $"`{written}`: a duration is a whole number of its unit: write a smaller unit, such as `90m` for one and a half hours");
        else if (!fits || length > LongestDuration)
            Report(start, $"`{written}` is too long: a duration is at most 36500d");
    }

    /// <summary>What was probably meant by a unit that does not exist.</summary>
    private static string UnitHint(string suffix)
    {
        var word = suffix.ToLowerInvariant();
        return word switch
        {
            "day" or "days" => "; did you mean `d`?",
            "hour" or "hours" or "hr" or "hrs" => "; did you mean `h`?",
            "min" or "mins" or "minute" or "minutes" => "; did you mean `m`?",
            "sec" or "secs" or "second" or "seconds" => "; did you mean `s`?",
            "wk" or "week" or "weeks" => "; did you mean `w`?",
            "y" or "yr" or "year" or "years" or "mo" or "month" or "months" =>
                "; months and years differ in length: write days, such as `30d` or `365d`",
            _ when char.IsAsciiLetter(word[0]) && word.Any(char.IsAsciiDigit) => "; several units are added: `1d + 12h`",
            _ => Suggestions.DidYouMean(word, UnitNames),
        };
    }

    /// <summary>The characters that close a text opened by that one, or null if none does; curly ones are reported but read.</summary>
    private static string? ClosingQuotes(char opening) => opening switch
    {
        '"' => "\"",
        '\'' => "'",
        '“' or '”' or '„' or '‟' or '«' or '»' or '″' or '＂' => "“”»«″＂\"",
        '‘' or '’' or '‚' or '′' or '＇' => "‘’′＇'",
        _ => null,
    };

    /// <summary>A text ends on the line it starts on.</summary>
    private void ReadText(string closing)
    {
        var start = _at;
        var isCurly = _text[start] > 127;
        var text = new StringBuilder();
        _at++;
        while (_at < _text.Length && !LineEnds.Contains(_text[_at]) && !closing.Contains(_text[_at]))
        {
            if (_text[_at] == '\\')
                ReadEscape(text);
            else
                text.Append(_text[_at++]);
        }

        var isClosed = _at < _text.Length && !LineEnds.Contains(_text[_at]);
        if (isClosed)
            _at++;
        var content = text.ToString();
        Add(TokenKind.Text, start, content);
        if (!isClosed)
            Report(start, $"the text has no closing `{closing[^1]}`; a text ends on the line it starts on");
        else if (isCurly)
            Report(start, $"quotes are straight here: write `{closing[^1]}` on both sides");
        else if (HasLoneSurrogate(content))
            Report(start, "the text holds half of a character (a lone surrogate); a character above U+FFFF is written as itself or as its two halves");
    }

    private void ReadEscape(StringBuilder text)
    {
        var start = _at++;
        var escaped = _at < _text.Length ? _text[_at] : '\0';
        switch (escaped)
        {
            case '"' or '\'' or '\\':
                text.Append(escaped);
                _at++;
                break;
            case 'n':
                text.Append('\n');
                _at++;
                break;
            case 'u' when _at + 4 < _text.Length
                && ushort.TryParse(_text.AsSpan(_at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit):
                text.Append((char)unit);
                _at += 5;
                break;
            default:
                Report(start, "a `\\` in a text is followed by `\"`, `'`, `\\`, `n`, or `u` and four hexadecimal digits; for the character itself write `\\\\`");
                break;
        }
    }

    private static bool HasLoneSurrogate(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var length) != OperationStatus.Done)
                return true;
            text = text[length..];
        }

        return false;
    }
}
