using System.Text.Json;

namespace TaggingPipeline.Pipeline.Specs.Webhooks;

/// <summary>The subscriber is there, and refuses some of what it is sent.</summary>
public sealed class WhenSomeChangesAreRefused
{
    [Test]
    public async Task What_is_not_asked_for_any_more_does_not_count_as_failing()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var shop = await SubscribedShop.StartAsync();
        receiver.Answer = (_, _) => Task.FromResult(400);
        await shop.SubscribeAsync(receiver);
        await shop.TellAsync("bad", "tier", "low");
        await shop.ShownAsync("it says that something fails", shown => shown.GetProperty("failingSince").ValueKind == JsonValueKind.String);

        await shop.DoAsync(HttpMethod.Put, "/api/subscriptions/s", new { address = receiver.Url, filter = new { segment = new[] { "vips" } } });
        await shop.CaughtUpAsync();
        await Task.Delay(TimeSpan.FromSeconds(3));

        Assert.That((await shop.ShowAsync()).GetProperty("failingSince").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }
}
