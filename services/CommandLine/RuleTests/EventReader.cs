using System.Collections.Frozen;
using System.Globalization;
using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.CommandLine.RuleTests;

/// <summary>Reads a test's events: <c>{ at: -3d, purchase: { total: 120 } }</c>.</summary>
/// <remarks>Besides <c>at</c>, <c>name</c> and <c>times</c> an event has one key, which is a kind of events or an event's name, with the properties.</remarks>
internal sealed class EventReader(TestNodes nodes, Rulebook rulebook)
{
    public const string Customer = "customer";

    private const int MostTimes = 10_000;

    private static readonly FrozenDictionary<string, (EventKind Kind, string? UsualName)> Kinds = new Dictionary<string, (EventKind, string?)>
    {
        ["purchase"] = (EventKind.Purchase, "Order Completed"),
        ["order-updated"] = (EventKind.OrderUpdated, "Order Updated"),
        ["order-refunded"] = (EventKind.OrderRefunded, "Order Refunded"),
        ["order-cancelled"] = (EventKind.OrderCancelled, "Order Cancelled"),
        ["browse"] = (EventKind.Browse, "Page"),
        ["interaction"] = (EventKind.Interaction, null),
        ["profile"] = (EventKind.Profile, "Identify"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    internal static readonly string[] OwnKeys = ["at", "name", "times"];

    /// <summary>What stands for a kind of events.</summary>
    internal static IEnumerable<string> KindWords => Kinds.Keys;

    private readonly HashSet<string> _names = [.. rulebook.EventNames, .. StandardEvents.Names];
    private int _count;

    /// <summary>The events of a checkpoint; what is wrong with them is reported.</summary>
    public IEnumerable<TestEvent> Read(YamlNode? list, string where, Instant at) =>
        nodes.Items(list, where, "a list of events, each as in `- { at: 2026-01-31, purchase: { total: 120 } }`").SelectMany(node => ReadOne(node, where, at)).ToList();

    /// <summary>The traits that the customer has before anything else happens.</summary>
    public TestEvent Profile(YamlNode traits, string where, Instant at) => Event(EventKind.Profile, "Identify", at, nodes.BagOf(traits, where), traits.At.Line);

    private IEnumerable<TestEvent> ReadOne(YamlNode node, string where, Instant at)
    {
        var entries = nodes.Entries(node, where, "an event, as in `{ at: 2026-01-31, purchase: { total: 120 } }`").ToArray();
        var own = entries.Where(entry => OwnKeys.Contains(entry.Key.Text.Text)).ToDictionary(entry => entry.Key.Text.Text, entry => entry.Value);
        var others = entries.Where(entry => !OwnKeys.Contains(entry.Key.Text.Text)).ToArray();
        if (entries.Length == 0)
            return [];
        if (others.Length != 1)
        {
            nodes.Fail(others.Length == 0 ? node : others[1].Key, where, others.Length == 0
                ? "expected what happened besides `at`: a kind of event such as `purchase`, or an event's name, with its properties"
                : $"expected one event; found `{others[1].Key.Text.Text}` besides `{others[0].Key.Text.Text}` (several events are several items of the list)");
            return [];
        }

        var (key, properties) = others[0];
        var instant = InstantOf(own.GetValueOrDefault("at"), node, where, at);
        var (kind, name) = KindOf(key, own.GetValueOrDefault("name"), where);
        var bag = nodes.BagOf(properties, where);
        var times = TimesOf(own.GetValueOrDefault("times"), where);
        return instant is { } occurredAt && name is not null ? Enumerable.Range(0, times).Select(_ => Event(kind, name, occurredAt, bag, key.At.Line)) : [];
    }

    private TestEvent Event(EventKind kind, string name, Instant at, PropertyBag properties, int line) =>
        new(CustomerEvent.Create($"e{++_count:D6}", Customer, kind, name, at, properties), line);

    private Instant? InstantOf(YamlNode? node, YamlNode @event, string where, Instant at)
    {
        const string Expected = $"{WrittenInstant.Forms}, or a time before the test's `at`, such as `-3d`";
        if (node is null)
        {
            nodes.Fail(@event, where, $"the event's key `at` is missing: expected {Expected}");
            return null;
        }

        if (nodes.Text(node, where, Expected) is not { } text)
            return null;
        var instant = WrittenInstant.Read(text, rulebook.Zone, at);
        if (instant is null)
            nodes.Fail(node, where, $"`{text}` is no time: expected {Expected}");
        else if (instant > at)
            nodes.Fail(node, where, "this event is later than the test's `at`, so it does not count there; expected an earlier one (what happens later stands under `then`)");
        return instant;
    }

    private (EventKind Kind, string? Name) KindOf(YamlScalar key, YamlNode? givenName, string where)
    {
        var word = key.Text.Text;
        var name = givenName is null ? null : nodes.Text(givenName, where, "the event's name");
        if (Kinds.TryGetValue(word, out var known))
        {
            if (givenName is null && known.UsualName is null)
                nodes.Fail(key, where, $"which interaction? Expected the event's name in place of `{word}`, as in `Product Added: {{ sku: A1 }}`, or `name:` besides");
            return (known.Kind, name ?? known.UsualName);
        }

        if (givenName is not null)
            nodes.Fail(givenName, where, $"the event has a name already: `{word}`");
        var near = _names.Contains(word) ? null : Suggestions.Nearest(word, Kinds.Keys.Concat(OwnKeys).Concat(_names));
        if (near is not null)
            nodes.Fail(key, where, $"there is no event `{word}`; did you mean `{near}`? (One that is really called so is `interaction:` with `name: {word}`)");
        return (StandardEvents.KindOfTracked(word), word);
    }

    private int TimesOf(YamlNode? node, string where)
    {
        if (node is null)
            return 1;
        if (node is YamlScalar scalar && int.TryParse(scalar.Text.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var times) && times is >= 1 and <= MostTimes)
            return times;
        nodes.Fail(node, where, $"`times` expects a whole number from 1 to {MostTimes}");
        return 1;
    }
}
