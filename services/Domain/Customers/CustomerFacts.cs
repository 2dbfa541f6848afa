using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Customers;

/// <summary>What the rules need to know about one customer, merged from events.</summary>
/// <remarks>Immutable. Belongs to the measures of one rulebook: with other measures it is rebuilt from the journal.</remarks>
public sealed class CustomerFacts
{
    private readonly long _first = long.MaxValue;
    private readonly long _last = long.MinValue;
    private PropertyBag? _traits;

    internal CustomerFacts(MeasureSet measures, DueList<Series> series, DueList<Series> closed) => (Measures, Series, Closed) = (measures, series, closed);

    /// <summary>A copy, to be made another by initialising it.</summary>
    internal CustomerFacts(CustomerFacts known)
    {
        (Measures, Series, Closed, Orders) = (known.Measures, known.Series, known.Closed, known.Orders);
        (TraitFacts, _traits, Waiting, TagFacts) = (known.TraitFacts, known._traits, known.Waiting, known.TagFacts);
        (LeftOut, First, Last) = (known.LeftOut, known.First, known.Last);
    }

    internal MeasureSet Measures { get; }

    /// <summary>One series for each of the rulebook's selections.</summary>
    internal DueList<Series> Series { get; init; }

    /// <summary>For each selection over orders, as <see cref="MeasureSet.OrderSelections"/> has them: the orders that nothing can amend any more. The selection's series has them too.</summary>
    internal DueList<Series> Closed { get; init; }

    /// <summary>The orders that can still be amended, by id (ordinal).</summary>
    internal ImmutableArray<Order> Orders { get; init; } = [];

    /// <summary>By name (ordinal).</summary>
    internal ImmutableArray<TraitFact> TraitFacts
    {
        get;
        init
        {
            if (field != value)
                _traits = null;
            field = value;
        }
    } = [];

    /// <summary>Events whose time has not come, by instant and then id.</summary>
    internal ImmutableArray<CustomerEvent> Waiting { get; init; } = [];

    /// <summary>What is known of the tags themselves.</summary>
    internal TagFacts TagFacts { get; init; } = TagFacts.None;

    /// <summary>How many events had amounts in currencies for which the rulebook has no rate, by currency (ordinal).</summary>
    public ImmutableArray<LeftOutAmounts> LeftOut { get; internal init; } = [];

    /// <summary>The earliest time of an event that does not wait; null before there is one.</summary>
    internal long? First
    {
        get => _first == long.MaxValue ? null : _first;
        init => _first = value ?? long.MaxValue;
    }

    /// <summary>The latest time of an event that does not wait; null before there is one.</summary>
    internal long? Last
    {
        get => _last == long.MinValue ? null : _last;
        init => _last = value ?? long.MinValue;
    }

    /// <summary>Before this instant there is nothing to settle.</summary>
    internal long NextToSettle => Orders.Length > Measures.Limits.Orders ? long.MinValue : Math.Min(Series.Due, Closed.Due);

    /// <summary>The traits as they stand, by name.</summary>
    public PropertyBag Traits => _traits ??= PropertyBag.Of(TraitFacts.Select(fact => KeyValuePair.Create(fact.Name, fact.Value)));

    /// <summary>The instant of the earliest event that is not in the future; null before there is one.</summary>
    public Instant? FirstSeen => First is { } time ? Instant.FromUnixTimeMilliseconds(time) : null;

    /// <summary>The instant of the latest event that is not in the future; null before there is one.</summary>
    public Instant? LastSeen => Last is { } time ? Instant.FromUnixTimeMilliseconds(time) : null;

    /// <summary>The instant of the earliest event that waits for its time; null if none does.</summary>
    public Instant? NextWaiting => Waiting.IsEmpty ? null : Waiting[0].OccurredAt;

    /// <summary>Of a customer without events.</summary>
    public static CustomerFacts Of(Rulebook rulebook) => rulebook.NoFacts;

    internal static CustomerFacts None(MeasureSet measures) => new(
        measures,
        DueList<Series>.Of([.. measures.Selections.Select(Customers.Series.Empty)]),
        DueList<Series>.Of([.. measures.OrderSelections.Select(Customers.Series.Empty)]));

    internal Series SeriesOf(Selection selection) => Series[selection.Index];

    /// <summary>The canonical form: equal facts, settled for one instant, have equal bytes.</summary>
    public byte[] Encode() => FactsEncoder.Encode(this);

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <returns>Null if they were written under a rulebook with other measures.</returns>
    /// <exception cref="InvalidDataException">The bytes are not facts.</exception>
    public static CustomerFacts? Decode(ReadOnlySpan<byte> bytes, Rulebook rulebook) => FactsDecoder.Decode(bytes, rulebook.Measures);
}

/// <summary>A trait as it stands: the latest value given for it, by instant and then event id.</summary>
internal readonly record struct TraitFact(string Name, Value Value, long Time, string EventId)
{
    /// <summary>Traits, by name (ordinal), with those that a profile event gives.</summary>
    internal static ImmutableArray<TraitFact> With(ImmutableArray<TraitFact> known, CustomerEvent observed, long time)
    {
        foreach (var (name, value) in observed.Properties.Items)
        {
            var position = 0;
            while (position < known.Length && string.CompareOrdinal(known[position].Name, name) < 0)
                position++;
            var added = new TraitFact(name, value, time, observed.Id);
            if (position == known.Length || known[position].Name != name)
                known = known.Insert(position, added);
            else if (known[position] is var standing && (standing.Time < time || (standing.Time == time && string.CompareOrdinal(standing.EventId, observed.Id) < 0)))
                known = known.SetItem(position, added);
        }

        return known;
    }
}

/// <summary>Amounts that count in no sum, since the rulebook has no rate for their currency.</summary>
/// <param name="Currency">In capitals.</param>
/// <param name="Events">How many events had them.</param>
public readonly record struct LeftOutAmounts(string Currency, long Events)
{
    internal static ImmutableArray<LeftOutAmounts> With(ImmutableArray<LeftOutAmounts> known, string currency)
    {
        var place = 0;
        while (place < known.Length && string.CompareOrdinal(known[place].Currency, currency) < 0)
            place++;
        return place < known.Length && known[place].Currency == currency
            ? known.SetItem(place, new(currency, known[place].Events + 1))
            : known.Insert(place, new(currency, 1));
    }
}
