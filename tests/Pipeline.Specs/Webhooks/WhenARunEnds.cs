using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Pipeline.Specs.Webhooks;

/// <summary>What is still under way when a subscription is changed or removed harms nobody.</summary>
public sealed class WhenARunEnds
{
    [Test]
    public async Task A_run_whose_store_fails_just_as_it_is_ended_stops_no_other_subscription()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        FailingFeed feed = null!;
        await using var shop = await SubscribedShop.StartAsync(services =>
        {
            var original = services.Last(service => service.ServiceType == typeof(IChangeFeed));
            services.AddSingleton<IChangeFeed>(provider => feed = new((IChangeFeed)(
                original.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, original.ImplementationType!))));
        });
        await shop.SubscribeAsync(receiver);
        await shop.CaughtUpAsync();
        feed.IsArmed = true;
        await feed.Reached.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await shop.DoAsync(HttpMethod.Post, "/api/subscriptions/s/pause"); // the read that is under way ends with the store's own exception
        await shop.SubscribeAsync(new { id = "t", address = receiver.Url, start = "first" });
        await shop.TellAsync("ann", "tier", "low");

        await shop.CaughtUpAsync("t");
    }

    [Test]
    public async Task One_that_is_removed_and_added_anew_stays_as_it_was_added()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var other = await WebhookReceiver.StartAsync();
        var (came, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        receiver.Answer = async (_, _) =>
        {
            came.TrySetResult();
            await goOn.Task;
            return 200;
        };
        await using var shop = await SubscribedShop.StartAsync();
        await shop.SubscribeAsync(receiver);
        await shop.TellAsync("ann", "tier", "low");
        await came.Task;

        await shop.DoAsync(HttpMethod.Delete, "/api/subscriptions/s");
        await shop.SubscribeAsync(other);
        goOn.SetResult();
        await Task.Delay(TimeSpan.FromSeconds(3));

        Assert.That((await shop.ShowAsync()).GetProperty("address").GetString(), Is.EqualTo(other.Url));
    }

    /// <summary>Once, a read ends as a driver may end it: cancelled, but with an exception of its own.</summary>
    private sealed class FailingFeed(IChangeFeed feed) : IChangeFeed
    {
        private int _armed;

        public bool IsArmed { set => Volatile.Write(ref _armed, value ? 1 : 0); }

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<IReadOnlyList<FeedEntry>> ReadAsync(long after, int limit, CancellationToken cancellationToken)
        {
            if (Interlocked.Exchange(ref _armed, 0) == 0)
                return await feed.ReadAsync(after, limit, cancellationToken);
            Reached.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            catch (OperationCanceledException)
            {
            }

            throw new IOException("the connection to the store was lost");
        }

        public Task<IReadOnlyList<FeedEntry>> ReadOfCustomerAsync(string customer, long after, int limit, CancellationToken cancellationToken) =>
            feed.ReadOfCustomerAsync(customer, after, limit, cancellationToken);

        public Task<long> NewestPositionAsync(CancellationToken cancellationToken) => feed.NewestPositionAsync(cancellationToken);
    }
}
