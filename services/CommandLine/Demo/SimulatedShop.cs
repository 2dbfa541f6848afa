using System.Globalization;

namespace TaggingPipeline.CommandLine.Demo;

/// <summary>A small web shop whose customers search, look, fill carts, buy, give back, and go away.</summary>
/// <remarks>
/// Deterministic: the same seed, name and instants give the same events. A fifth of the customers is in the shop at any time, for visits of about a dozen
/// events each, and then away for several times as long. Not thread-safe.
/// </remarks>
public sealed class SimulatedShop
{
    private readonly Random _random;
    private readonly string _name;
    private readonly Shopper[] _shoppers;
    private readonly Shopper?[] _present;
    private long _events;

    /// <param name="name">Starts every message id and order id, so that events of two shops are told apart.</param>
    /// <param name="customers">At least 5.</param>
    public SimulatedShop(int seed, int customers, string name = "sim")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(customers, 5);
        _random = new Random(seed);
        _name = name;
        _shoppers = [.. Enumerable.Range(1, customers).Select(number => new Shopper(number, name, _random))];
        _present = new Shopper?[customers / 5];
    }

    /// <summary>What happens next, at that instant.</summary>
    public SimulatedEvent Next(DateTimeOffset at)
    {
        var place = _random.Next(_present.Length);
        var shopper = _present[place];
        Deed deed;
        if (shopper is { IsPresent: true })
        {
            deed = shopper.Act();
        }
        else
        {
            _present[place] = shopper = AnyAbsent();
            deed = shopper.Arrive();
        }

        return new()
        {
            Type = deed.Type,
            Name = deed.Name,
            MessageId = string.Create(CultureInfo.InvariantCulture, $"{_name}-{++_events:00000000}"),
            UserId = shopper.Id,
            Timestamp = DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds()),
            Properties = deed.Properties,
        };
    }

    /// <summary>Events without end, the first at <paramref name="start"/> and then one each <paramref name="gap"/>.</summary>
    public IEnumerable<SimulatedEvent> Events(DateTimeOffset start, TimeSpan gap)
    {
        for (var at = start; ; at += gap)
            yield return Next(at);
    }

    private Shopper AnyAbsent()
    {
        // Four fifths are absent, so this finds one soon.
        while (true)
        {
            var shopper = _shoppers[_random.Next(_shoppers.Length)];
            if (!shopper.IsPresent)
                return shopper;
        }
    }
}
