using System.Collections.Immutable;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Customers;

/// <summary>What a customer's facts hold of the tags themselves.</summary>
/// <remarks>Immutable. For all keys, whatever the rulebook: one that comes later may know them.</remarks>
internal sealed class TagFacts
{
    public static TagFacts None { get; } = new([], []);

    private TagFacts(ImmutableArray<HandTag> byHand, ImmutableArray<TagAssignment> assigned) => (ByHand, Assigned) = (byHand, assigned);

    /// <summary>What was last done by hand, by key (ordinal).</summary>
    public ImmutableArray<HandTag> ByHand { get; }

    /// <summary>The past of rules that depend on it, by key (ordinal).</summary>
    public ImmutableArray<TagAssignment> Assigned { get; }

    public static TagFacts Of(ImmutableArray<HandTag> byHand, ImmutableArray<TagAssignment> assigned) =>
        byHand.IsEmpty && assigned.IsEmpty ? None : new(byHand, assigned);

    /// <summary>What was last done to a tag by hand; null if nothing was.</summary>
    public HandTag? ByHandOf(string key)
    {
        foreach (var each in ByHand)
        {
            if (each.Key == key)
                return each;
        }

        return null;
    }

    /// <summary>What a rule last came to; null if nothing is known of it.</summary>
    public TagAssignment? AssignedOf(string key)
    {
        foreach (var each in Assigned)
        {
            if (each.Key == key)
                return each;
        }

        return null;
    }

    /// <summary>With what a rule came to, unless something later is known of it.</summary>
    public TagFacts With(TagAssignment added)
    {
        var place = 0;
        while (place < Assigned.Length && string.CompareOrdinal(Assigned[place].Key, added.Key) < 0)
            place++;
        if (place == Assigned.Length || Assigned[place].Key != added.Key)
            return new(ByHand, Assigned.Insert(place, added));
        return added.Sequence > Assigned[place].Sequence ? new(ByHand, Assigned.SetItem(place, added)) : this;
    }

    /// <summary>With one more thing done by hand, unless something later is known of that tag.</summary>
    public TagFacts With(HandTag added)
    {
        var place = 0;
        while (place < ByHand.Length && string.CompareOrdinal(ByHand[place].Key, added.Key) < 0)
            place++;
        if (place == ByHand.Length || ByHand[place].Key != added.Key)
            return new(ByHand.Insert(place, added), Assigned);
        return added.IsLaterThan(ByHand[place]) ? new(ByHand.SetItem(place, added), Assigned) : this;
    }
}

internal enum HandAction : byte { Assigned, Removed, Released }

/// <summary>Something done to a tag by hand.</summary>
/// <param name="Value">The value assigned; missing for the other actions.</param>
/// <param name="Time">Of two things done at one instant the one with the larger event id is the later, as for traits.</param>
internal sealed record HandTag(string Key, HandAction Action, Value Value, string By, string Reason, long Time, string EventId)
{
    /// <summary>What an event says that was done; null if it does not say it as it must.</summary>
    public static HandTag? Of(CustomerEvent observed)
    {
        var properties = observed.Properties;
        if (properties[TagEvents.Tag] is not { Kind: ValueKind.Text, AsText: var key } || properties[TagEvents.Action] is not { Kind: ValueKind.Text, AsText: var action })
            return null;
        var value = properties[TagEvents.Value];
        var time = observed.OccurredAt.ToUnixTimeMilliseconds();
        return action switch
        {
            TagEvents.Assigned when value == Value.True || value.Kind is ValueKind.Text or ValueKind.Number => Done(HandAction.Assigned, value),
            TagEvents.Removed => Done(HandAction.Removed, Value.Missing),
            TagEvents.Released => Done(HandAction.Released, Value.Missing),
            _ => null,
        };

        HandTag Done(HandAction what, Value to) => new(key, what, to, TextOf(properties[TagEvents.By]), TextOf(properties[TagEvents.Reason]), time, observed.Id);
    }

    public bool IsLaterThan(HandTag other) => Time != other.Time ? Time > other.Time : string.CompareOrdinal(EventId, other.EventId) > 0;

    private static string TextOf(Value value) => value.IsMissing ? "" : value.ToString();
}
