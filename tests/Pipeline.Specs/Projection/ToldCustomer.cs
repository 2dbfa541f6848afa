using System.Text.Json;
using TaggingPipeline.Contracts;

namespace TaggingPipeline.Pipeline.Specs.Projection;

/// <summary>A customer whose changes are told as evaluation tells them: numbered, with all that is not known to be published.</summary>
internal sealed class ToldCustomer(string id)
{
    public const string Rulebook = "shop@evaluated";

    public static readonly DateTimeOffset Start = new(2024, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly SortedDictionary<string, HeldTag> _tags = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonElement> _traits = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _keySequences = new(StringComparer.Ordinal);
    private readonly List<TagChanged> _unpublished = [];
    private long _revision;
    private long _sequence;

    /// <summary>Whose rules decide the customer: a rulebook that is nobody's, where it does not matter.</summary>
    public string DecidedBy { get; set; } = Rulebook;

    public IEnumerable<string> HeldKeys => _tags.Keys;

    /// <summary>The instant of the latest message: every message is a minute later.</summary>
    public DateTimeOffset Now => Start.AddMinutes(_revision);

    /// <summary>Tags come to these values (null: held no longer).</summary>
    /// <param name="isPublished">False if it is not known that the message arrived, so that the next one tells it again.</param>
    public TagsChanged Tells(string cause, bool isPublished, params (string Key, object? Value)[] changes)
    {
        _revision++;
        foreach (var (key, value) in changes)
            Change(key, value, cause);
        var message = Message(cause);
        if (isPublished)
            _unpublished.Clear();
        return message;
    }

    public TagsChanged Tells(params (string Key, object? Value)[] changes) => Tells("event", isPublished: true, changes);

    public TagsChanged TellsTrait(string name, object value)
    {
        _traits[name] = JsonSerializer.SerializeToElement(value);
        return Tells();
    }

    private void Change(string key, object? value, string cause)
    {
        var previous = _tags.GetValueOrDefault(key)?.Value;
        var element = value is null ? (JsonElement?)null : JsonSerializer.SerializeToElement(value);
        if (element is { } held)
            _tags[key] = new() { Key = key, Category = "value", Value = held, Since = Now };
        else
            _tags.Remove(key);
        _keySequences[key] = _keySequences.GetValueOrDefault(key) + 1;
        _sequence++;
        _unpublished.Add(new()
        {
            Id = $"{id}:tag:{_sequence}",
            Sequence = _sequence,
            KeySequence = _keySequences[key],
            Key = key,
            Category = "value",
            Previous = previous,
            Value = element,
            At = Now,
            Cause = cause,
            Rulebook = DecidedBy,
            Reason = new() { Text = $"because of {_sequence}", Clauses = [], Events = [$"event-{_sequence}"] },
        });
    }

    private TagsChanged Message(string cause) => new()
    {
        CustomerId = id,
        Revision = _revision,
        Sequence = _sequence,
        DecidedAt = Now,
        Cause = cause,
        Rulebook = DecidedBy,
        Changes = [.. _unpublished],
        Tags = [.. _tags.Values],
        Traits = new Dictionary<string, JsonElement>(_traits, StringComparer.Ordinal),
    };
}
