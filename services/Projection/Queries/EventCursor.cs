using System.Globalization;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Projection.Queries;

/// <summary>A place among a customer's events: behind the event of that instant and id.</summary>
/// <remarks>It names the event, not its number in the list, so events that arrive late move no page.</remarks>
internal readonly record struct EventCursor(long Milliseconds, string EventId)
{
    public static EventCursor Of(JournaledEvent recorded) => new(recorded.OccurredAt.ToUnixTimeMilliseconds(), recorded.EventId);

    /// <returns>False if the text is no cursor. No text is a cursor before the first event, read as null.</returns>
    public static bool TryRead(string? text, out EventCursor? cursor)
    {
        cursor = null;
        if (text is null)
            return true;
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || dot == text.Length - 1
            || !long.TryParse(text.AsSpan(0, dot), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds))
            return false;
        cursor = new EventCursor(milliseconds, text[(dot + 1)..]);
        return true;
    }

    /// <param name="recorded">By instant and then id.</param>
    public static (IReadOnlyList<JournaledEvent> Events, string? Next) Page(
        IReadOnlyList<JournaledEvent> recorded, bool oldestFirst, EventCursor? after, int limit)
    {
        var direction = oldestFirst ? 1 : -1;
        var ahead = (oldestFirst ? recorded : recorded.Reverse())
            .Where(candidate => after is not { } cursor || Of(candidate).CompareTo(cursor) * direction > 0)
            .Take(limit + 1)
            .ToList();
        if (ahead.Count <= limit)
            return (ahead, null);
        ahead.RemoveAt(limit);
        return (ahead, Of(ahead[^1]).ToString());
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Milliseconds}.{EventId}");

    private int CompareTo(EventCursor other)
    {
        var order = Milliseconds.CompareTo(other.Milliseconds);
        return order != 0 ? order : string.CompareOrdinal(EventId, other.EventId);
    }
}
