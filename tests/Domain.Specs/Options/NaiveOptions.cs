using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Specs.Naive;

namespace TaggingPipeline.Domain.Specs.Options;

/// <summary>A tag as a test writes it: how often which event makes it called for, and its options. Times are milliseconds.</summary>
internal sealed record OptionedTag(string Key, string EventName, int Window, int Threshold, bool HasTiers)
{
    public int? Hold { get; init; }

    public int? Expires { get; init; }

    public string? Group { get; init; }

    public bool IsEnabled { get; init; } = true;

    public bool IsManual { get; init; }

    public static OptionedTag Random(Random random, string key)
    {
        int? hold = random.Next(2) == 0 ? random.Next(1, 40) : null;
        return new(key, $"E{random.Next(3)}", random.Next(1, 30), random.Next(1, 3), random.Next(3) == 0)
        {
            IsManual = random.Next(6) == 0,
            Hold = hold,
            Expires = random.Next(2) == 0 ? (hold ?? 0) + random.Next(1, 40) : null,
            Group = random.Next(3) switch { 0 => "g", 1 => "h", _ => null },
            IsEnabled = random.Next(8) != 0,
        };
    }

    public TagDefinition ToDefinition()
    {
        var count = $"count(interaction[\"{EventName}\"], {Window}ms)";
        var definition = IsManual ? new TagDefinition { Key = TestRulebooks.Text(Key), Category = TestRulebooks.Text("value"), Manual = new(HasTiers ? [TestRulebooks.Text("high"), TestRulebooks.Text("low")] : []) }
            : HasTiers ? TestRulebooks.Tiers(Key, ("high", $"{count} >= {Threshold + 1}"), ("low", $"{count} >= {Threshold}"))
            : TestRulebooks.When(Key, $"{count} >= {Threshold}");
        return definition with
        {
            Hold = Hold is { } hold && !IsManual ? TestRulebooks.Text($"{hold}ms") : null,
            Expires = Expires is { } expires ? TestRulebooks.Text($"{expires}ms") : null,
            Group = Group is null ? null : TestRulebooks.Text(Group),
            Enabled = TestRulebooks.Text(IsEnabled ? "true" : "false"),
        };
    }

    public bool Accepts(Value value) => HasTiers ? value == Value.Of("high") || value == Value.Of("low") : value == Value.True;
}

/// <summary>Which tags a customer has at every millisecond, by what docs/rules.md says, gone through millisecond by millisecond over all events.</summary>
internal sealed class NaiveOptions(IReadOnlyList<OptionedTag> tags, IReadOnlyList<CustomerEvent> events, Instant start)
{
    private readonly Dictionary<string, (Value Value, int At)> _past = [];

    /// <summary>The tags at the next millisecond; to be asked for one after the other, from 0.</summary>
    public Dictionary<string, Value> At(int now)
    {
        var held = tags.ToDictionary(tag => tag.Key, _ => Value.Missing);
        foreach (var tag in tags.Where(tag => tag.IsEnabled))
        {
            var byHand = ByHand(tag, now);
            var winner = tags.Where(other => other.Group is not null && other.Group == tag.Group)
                .Select(other => (other.Key, Done: ByHand(other, now))).Where(other => IsAssigned(other.Done))
                .OrderBy(other => other.Done!.OccurredAt).ThenBy(other => other.Done!.Id, StringComparer.Ordinal).LastOrDefault().Key;
            var isTaken = tags.TakeWhile(other => other != tag).Any(other => other.Group is not null && other.Group == tag.Group && !held[other.Key].IsMissing);
            if (byHand is not null || winner is not null || isTaken)
            {
                _past.Remove(tag.Key);
                if (IsAssigned(byHand) && (winner is null || winner == tag.Key))
                    held[tag.Key] = byHand!.Properties["value"];
                continue;
            }

            if (!tag.IsManual)
                held[tag.Key] = Ruled(tag, now);
        }

        foreach (var tag in tags.Where(tag => !tag.IsEnabled))
            _past.Remove(tag.Key);
        return held;
    }

    private Value Ruled(OptionedTag tag, int now)
    {
        var isKept = _past.TryGetValue(tag.Key, out var past) && tag.Hold is { } hold && now < past.At + hold;
        var called = isKept ? past.Value : Called(tag, now);
        if (called.IsMissing)
            _past.Remove(tag.Key);
        else if (called != past.Value)
            _past[tag.Key] = (called, now);
        return !called.IsMissing && tag.Expires is { } expires && now >= _past[tag.Key].At + expires ? Value.Missing : called;
    }

    private Value Called(OptionedTag tag, int now)
    {
        var count = events.Count(each => each.Kind == EventKind.Interaction && each.Name == tag.EventName && Ms(each) > now - tag.Window && Ms(each) <= now);
        return count < tag.Threshold ? Value.Missing : !tag.HasTiers ? Value.True : Value.Of(count > tag.Threshold ? "high" : "low");
    }

    private CustomerEvent? ByHand(OptionedTag tag, int now)
    {
        var last = events.Where(each => each.Kind == EventKind.Tag && each.Properties["tag"] == Value.Of(tag.Key) && Ms(each) <= now)
            .OrderBy(each => each.OccurredAt).ThenBy(each => each.Id, StringComparer.Ordinal).LastOrDefault();
        if (last is null || !tag.IsEnabled || last.Properties["action"] == Value.Of("released"))
            return null;
        var isOver = IsAssigned(last) && (!tag.Accepts(last.Properties["value"]) || (tag is { IsManual: true, Expires: { } expires } && now >= Ms(last) + expires));
        return isOver ? null : last;
    }

    private static bool IsAssigned(CustomerEvent? done) => done?.Properties["action"] == Value.Of("assigned");

    private int Ms(CustomerEvent each) => (int)(each.OccurredAt - start).TotalMilliseconds;
}
