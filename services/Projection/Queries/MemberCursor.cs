using System.Globalization;
using NodaTime;

namespace TaggingPipeline.Projection.Queries;

/// <summary>A place in a list of customers: behind that customer.</summary>
/// <remarks>
/// It names the customer, not their number in the list, so whoever comes or goes meanwhile moves no page. It keeps the position of the feed that the first page was
/// given, so that every page tells it; or, in a list of the past, the instant, so that no page of another instant is taken for the next.
/// </remarks>
/// <param name="Origin">The position; or, of the past, the milliseconds since the Unix epoch.</param>
internal readonly record struct MemberCursor(long Origin, bool IsOfPast, string Customer)
{
    private const char PastMark = '@';

    public static MemberCursor OfPresent(long position, string customer) => new(position, IsOfPast: false, customer);

    public static MemberCursor OfPast(Instant at, string customer) => new(at.ToUnixTimeMilliseconds(), IsOfPast: true, customer);

    /// <param name="at">The instant that the list is of; null for the present.</param>
    /// <returns>False if the text is no cursor of that list. No text is a cursor before the first customer, read as null.</returns>
    public static bool TryRead(string? text, Instant? at, out MemberCursor? cursor)
    {
        cursor = null;
        if (text is null)
            return true;
        var isOfPast = text.StartsWith(PastMark);
        var origin = text.AsSpan(isOfPast ? 1 : 0);
        var dot = origin.IndexOf('.');
        if (dot < 0 || dot == origin.Length - 1
            || !long.TryParse(origin[..dot], isOfPast ? NumberStyles.AllowLeadingSign : NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || isOfPast != at.HasValue || (isOfPast && number != at!.Value.ToUnixTimeMilliseconds()))
            return false;
        cursor = new(number, isOfPast, origin[(dot + 1)..].ToString());
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsOfPast ? "@" : "")}{Origin}.{Customer}");
}
