using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Processing.Evaluation;

/// <summary>A batch sorted out: events by customer, each id once, and what cannot be accepted.</summary>
/// <param name="Valid">How many events passed the check, repeated ones included.</param>
internal sealed record BatchOfEvents(List<CustomerEvents> Customers, int Valid, List<RejectedEvent> Rejected)
{
    private const int MaxPayloadBytes = 64 * 1024;

    private static readonly Rejection Nothing = new("bad-event", "events: expected objects, found null");

    private static readonly JsonSerializerOptions AsSent = new(ContractsJson.Options) { Converters = { new RawElementConverter() } };

    /// <param name="events">As a message carries them, whoever wrote it: an item may be null.</param>
    /// <param name="now">When they came, for those that do not say so themselves.</param>
    public static BatchOfEvents Sort(IReadOnlyList<ShopEvent?> events, DateTimeOffset now)
    {
        var customers = new Dictionary<string, CustomerEvents>(StringComparer.Ordinal);
        var seen = new HashSet<EventKey>(events.Count);
        var rejected = new List<RejectedEvent>();
        foreach (var shopEvent in events)
        {
            var rejection = shopEvent is null ? Nothing : EventCheck.Reject(shopEvent);
            if (shopEvent is null || rejection is not null)
            {
                rejected.Add(SetAside(shopEvent, rejection!, now));
                continue;
            }

            var key = new EventKey(shopEvent.CustomerId, shopEvent.EventId);
            if (!seen.Add(key))
                continue;
            if (!customers.TryGetValue(key.Customer, out var ofCustomer))
                customers.Add(key.Customer, ofCustomer = new(key.Customer, []));
            ofCustomer.Events.Add(new(key, shopEvent));
        }

        return new([.. customers.Values], events.Count - rejected.Count, rejected);
    }

    /// <summary>The rejection of an event is named by what was sent, so that a batch delivered again sets nothing aside twice.</summary>
    private static RejectedEvent SetAside(ShopEvent? shopEvent, Rejection rejection, DateTimeOffset now)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(shopEvent, AsSent);
        return new()
        {
            Id = Convert.ToHexStringLower(SHA256.HashData(payload).AsSpan(0, 16)),
            ReceivedAt = shopEvent?.ReceivedAt ?? now,
            Code = rejection.Code,
            Reason = rejection.Reason,
            MessageId = shopEvent?.EventId,
            Payload = Encoding.UTF8.GetString(payload.AsSpan(0, Math.Min(payload.Length, MaxPayloadBytes))),
            Source = RejectedSources.Bus,
        };
    }
}

/// <summary>What a batch holds of one customer.</summary>
internal sealed record CustomerEvents(string Customer, List<BatchedEvent> Events);

/// <summary>An event of a batch; its other forms are made once, when first needed.</summary>
internal sealed class BatchedEvent(EventKey key, ShopEvent shopEvent)
{
    private CustomerEvent? _observed;
    private JournaledEvent? _journaled;

    public EventKey Key => key;

    public CustomerEvent Observed => _observed ??= EventMapping.ToDomain(shopEvent);

    public JournaledEvent Journaled => _journaled ??= EventMapping.ToJournal(shopEvent);
}
