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
}
