using System.Net;
using System.Net.Sockets;
using TaggingPipeline.Pipeline.Specs.Processes;

namespace TaggingPipeline.Pipeline.Specs.Webhooks;

/// <summary>Promise 9: one subscriber never delays another.</summary>
public sealed class WhenSomeSubscribersAreBad
{
    private const int Good = 17;
    private const int Changes = 200;

    [Test]
    public async Task The_others_get_everything_while_three_get_nothing()
    {
        await using var shop = await SubscribedShop.StartAsync();
        var receivers = await Task.WhenAll(Enumerable.Range(0, Good).Select(_ => WebhookReceiver.StartAsync()));
        await using var broken = await WebhookReceiver.StartAsync();
        broken.Answer = (_, _) => Task.FromResult(500);
        using var hangs = new TcpListener(IPAddress.Loopback, 0);
        hangs.Start(); // takes connections, and never says a word
        await shop.SubscribeAsync(new { id = "hangs", address = $"http://127.0.0.1:{((IPEndPoint)hangs.LocalEndpoint).Port}/", timeoutSeconds = 60 });
        await shop.SubscribeAsync(new { id = "broken", address = broken.Url });
        await shop.SubscribeAsync(new { id = "refuses", address = $"http://127.0.0.1:{FreePorts.Take()}/", verify = false });
        foreach (var (number, receiver) in receivers.Index())
            await shop.SubscribeAsync(new { id = $"good-{number}", address = receiver.Url });

        for (var i = 0; i < Changes; i += 10)
            await shop.TellAsync([.. Enumerable.Range(i, 10).Select(each => ($"c{each % 23}", "spent", (object?)each))]);
        foreach (var receiver in receivers)
            await receiver.TakenAsync(Changes);

        foreach (var receiver in receivers)
        {
            DeliveredChanges.AssertOrdered(receiver.Taken, Changes);
            await receiver.DisposeAsync();
        }

        foreach (var bad in new[] { "hangs", "broken", "refuses" })
        {
            var shown = await shop.ShowAsync(bad);
            Assert.That((shown.GetProperty("position").GetString(), shown.GetProperty("state").GetString()), Is.EqualTo(("0", "active")), bad);
        }

        Assert.That(broken.All, Is.Not.Empty);
    }
}
