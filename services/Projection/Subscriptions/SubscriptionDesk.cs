using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using NodaTime;
using TaggingPipeline.Processing.Subscriptions;
using TaggingPipeline.Projection.Webhooks;

namespace TaggingPipeline.Projection.Subscriptions;

/// <summary>What people do to subscriptions.</summary>
internal sealed class SubscriptionDesk(ISubscriptions subscriptions, SubscriptionsSignal changed, WebhookConnections connections, WebhookOptions options)
{
    private const int SecretBytes = 32;

    /// <summary>So many secrets before the newest are kept, however often it is replaced: each is one more signature in a header.</summary>
    private const int MostOlderSecrets = 3;

    private static readonly TimeSpan ConnectsWithin = TimeSpan.FromSeconds(5);

    public Instant Now() => options.Now();

    public static string NewId() => $"sub-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}";

    public static SigningSecret SecretOf(string? given) => given is null ? SigningSecret.Of(RandomNumberGenerator.GetBytes(SecretBytes)) : new(given, null);

    /// <returns>Null if there is one with that id.</returns>
    public async Task<Subscription?> AddAsync(string id, WebhookTerms terms, SigningSecret secret, long position, CancellationToken cancellationToken)
    {
        var now = Now();
        var added = new Subscription
        {
            Id = id, Incarnation = Random.Shared.NextInt64(), Version = 1, Terms = terms, Secrets = [secret], CreatedAt = now,
            State = SubscriptionState.Active, StateSince = now, Position = position, Run = 1,
        };
        if (!await subscriptions.SaveAsync(added, cancellationToken))
            return null;
        changed.Raise();
        return added;
    }

    /// <summary>Changes a subscription, whoever else does so at the same time.</summary>
    /// <returns>It as it is now; null if there is none.</returns>
    public async Task<Subscription?> ChangeAsync(string id, Func<Subscription, Subscription> change, CancellationToken cancellationToken)
    {
        while (await subscriptions.FindAsync(id, cancellationToken) is { } found)
        {
            var wanted = change(found);
            if (wanted == found)
                return found;
            wanted = wanted with { Version = found.Version + 1 };
            if (!await subscriptions.SaveAsync(wanted, cancellationToken))
                continue;
            changed.Raise();
            return wanted;
        }

        return null;
    }

    /// <summary>Signs with the new secret from now on, and with those before it for a while.</summary>
    public Task<Subscription?> RotateAsync(string id, SigningSecret secret, Duration keeps, CancellationToken cancellationToken)
    {
        var now = Now();
        return ChangeAsync(id, found => found with { Secrets = [secret, .. Kept(found.Secrets, now, now + keeps)], Run = found.Run + 1 }, cancellationToken);
    }

    public async Task<bool> RemoveAsync(string id, CancellationToken cancellationToken)
    {
        var removed = await subscriptions.RemoveAsync(id, cancellationToken);
        changed.Raise();
        return removed;
    }

    /// <summary>Sends a test, whatever state the subscription is in, and notes it in the log.</summary>
    public async Task<DeliveryAttempt> TestAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        var now = Now();
        var message = WebhookPayload.Test(subscription.Terms, $"test_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}", now.ToDateTimeOffset());
        using var http = connections.Create(1);
        var result = await new WebhookSender(http, options).SendAsync(subscription.Terms, subscription.Secrets, message, cancellationToken);
        var attempt = new DeliveryAttempt
        {
            At = now, MessageId = message.Id, Changes = [], Position = 0, Attempt = 1, Status = result.Status, DurationMilliseconds = result.DurationMilliseconds, Error = result.Error,
        };
        await subscriptions.AppendAttemptsAsync(subscription.Id, [attempt], cancellationToken);
        return attempt;
    }

    /// <summary>Why the address cannot be connected to; null if it can.</summary>
    /// <param name="opens">Whether to open a connection; otherwise only what the name stands for is looked at.</param>
    public async Task<string?> ProblemOfConnectingAsync(string address, bool opens, CancellationToken cancellationToken)
    {
        var uri = new Uri(address);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(ConnectsWithin);
        try
        {
            var (to, encrypted) = (new DnsEndPoint(uri.IdnHost, uri.Port), uri.Scheme == Uri.UriSchemeHttps);
            if (opens)
                await (await connections.ConnectAsync(to, encrypted, deadline.Token)).DisposeAsync();
            else
                await connections.CheckAsync(to, encrypted, deadline.Token);
            return null;
        }
        catch (ForbiddenAddressException forbidden)
        {
            return $"it may not be reached: {forbidden.Message}";
        }
        catch (SocketException unreachable)
        {
            return $"it cannot be reached: {unreachable.Message}";
        }
        catch (ArgumentException unusable)
        {
            return $"it cannot be reached: {unusable.Message}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"it cannot be reached within {ConnectsWithin.TotalSeconds} s";
        }
    }

    private static IEnumerable<SigningSecret> Kept(ImmutableArray<SigningSecret> secrets, Instant now, Instant until) =>
        secrets.Select(secret => secret.EndsAt is { } end && end < until ? secret : secret with { EndsAt = until }).Where(secret => secret.IsInForce(now))
            .Take(MostOlderSecrets);
}
