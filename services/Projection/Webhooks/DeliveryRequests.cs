using System.Collections.Immutable;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Subscriptions;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>Turns deliveries of one subscription into requests, over connections of its own. Thread-safe.</summary>
internal sealed class DeliveryRequests : IDisposable
{
    private readonly Subscription _subscription;
    private readonly DeliveryServices _services;
    private readonly Hold _hold;
    private readonly HttpClient _http;
    private readonly WebhookSender _sender;

    public DeliveryRequests(Subscription subscription, DeliveryServices services, Hold hold)
    {
        (_subscription, _services, _hold) = (subscription, services, hold);
        _http = services.Connections.Create(subscription.Terms.Concurrency);
        _sender = new(_http, services.Options);
    }

    private WebhookTerms Terms => _subscription.Terms;

    /// <param name="abandon">Cancelled at the latest when the hold is lost.</param>
    /// <returns>Whatever happens is a result.</returns>
    public async Task<SendResult> SendAsync(Delivery delivery, CancellationToken abandon)
    {
        SendResult result;
        try
        {
            var message = WebhookPayload.Write(Terms, delivery.Entries, await TraitsAsync(delivery, abandon));
            if (!_hold.Stands()) // reading may have taken long
                abandon.ThrowIfCancellationRequested();
            result = await _sender.SendAsync(Terms, _subscription.Secrets, message, abandon);
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            result = new(null, "deliveries were asked to end", null, 0);
        }
        catch (Exception failure)
        {
            Log.DeliveryInterrupted(_services.Logger, failure, _subscription.Id);
            result = new(null, $"it could not be sent: {failure.Message}", null, 0);
        }

        _services.Metrics.Attempted(result);
        return result;
    }

    public void Dispose() => _http.Dispose();

    /// <summary>As the customers' views have them now.</summary>
    private async Task<IReadOnlyDictionary<string, PropertyBag>> TraitsAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (Terms.Traits.IsEmpty)
            return ImmutableDictionary<string, PropertyBag>.Empty;
        var customers = delivery.Entries.Select(entry => entry.Customer).ToHashSet(StringComparer.Ordinal);
        return (await _services.Views.LoadAsync(customers, cancellationToken)).ToDictionary(view => view.Customer, view => view.Traits, StringComparer.Ordinal);
    }
}
