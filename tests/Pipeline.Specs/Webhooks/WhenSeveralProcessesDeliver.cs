using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Processing.Leases;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Pipeline.Specs.Webhooks;

/// <summary>Where there may be several processes, the one with the lease delivers.</summary>
public sealed class WhenSeveralProcessesDeliver
{
    [Test]
    public async Task Nothing_is_delivered_while_another_has_the_lease_and_everything_once_it_is_free()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var shop = await SubscribedShop.StartAsync(services => services.AddSingleton(EventQueues.ByPartition));
        var leases = shop.Server.Services.GetRequiredService<ILeases>();
        await leases.TakeAsync(["subscription:s"], "another", TimeSpan.FromMinutes(5), CancellationToken.None);
        await shop.SubscribeAsync(receiver);
        await shop.TellAsync("ann", "tier", "low");
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.That(receiver.All, Is.Empty);

        await leases.ReleaseAsync(["subscription:s"], "another", CancellationToken.None);

        await receiver.TakenAsync(1);
        Assert.That(await leases.TakeAsync(["subscription:s"], "another", TimeSpan.FromMinutes(5), CancellationToken.None), Is.Empty, "it keeps the lease");
    }

    [Test]
    public async Task Who_ends_in_order_gives_its_leases_back()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var shop = await SubscribedShop.StartAsync(services => services.AddSingleton(EventQueues.ByPartition));
        var leases = shop.Server.Services.GetRequiredService<ILeases>();
        await shop.SubscribeAsync(receiver);
        await shop.TellAsync("ann", "tier", "low");
        await receiver.TakenAsync(1);

        foreach (var service in shop.Server.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<TaggingPipeline.Projection.Webhooks.WebhookDeliveries>())
            await service.StopAsync(CancellationToken.None);

        Assert.That(await leases.TakeAsync(["subscription:s"], "another", TimeSpan.FromMinutes(5), CancellationToken.None), Is.EquivalentTo(new[] { "subscription:s" }));
        Assert.That((await shop.ShowAsync()).GetProperty("position").GetString(), Is.EqualTo("1"), "its progress is stored");
    }

    [Test]
    public async Task What_is_under_way_ends_when_the_lease_has_run_out()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var (came, ended) = (new TaskCompletionSource(), new TaskCompletionSource<bool>());
        receiver.Answer = async (context, _) =>
        {
            came.TrySetResult();
            try
            {
                await Task.Delay(TimeSpan.FromSeconds(25), context.RequestAborted);
                ended.TrySetResult(false);
            }
            catch (OperationCanceledException)
            {
                ended.TrySetResult(true);
            }

            return 200;
        };
        StalledLeases leases = null!;
        await using var shop = await SubscribedShop.StartAsync(services =>
        {
            services.AddSingleton(EventQueues.ByPartition);
            var original = services.Last(service => service.ServiceType == typeof(ILeases));
            services.AddSingleton<ILeases>(provider => leases = new((ILeases)(
                original.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, original.ImplementationType!))));
        });
        await shop.SubscribeAsync(new { id = "s", address = receiver.Url, start = "first", timeoutSeconds = 60 });
        await shop.TellAsync("ann", "tier", "low");
        await came.Task;
        leases.IsStalled = true; // five seconds later the lease is another's

        Assert.That(await ended.Task, "the request was ended within 25 s of the last renewal");
    }

    private sealed class StalledLeases(ILeases leases) : ILeases
    {
        public bool IsStalled { get; set; }

        public async Task<IReadOnlySet<string>> TakeAsync(IReadOnlyCollection<string> names, string holder, TimeSpan stay, CancellationToken cancellationToken)
        {
            if (IsStalled)
                await Task.Delay(TimeSpan.FromSeconds(30), cancellationToken);
            return await leases.TakeAsync(names, holder, stay, cancellationToken);
        }

        public Task ReleaseAsync(IReadOnlyCollection<string> names, string holder, CancellationToken cancellationToken) => leases.ReleaseAsync(names, holder, cancellationToken);
    }
}
