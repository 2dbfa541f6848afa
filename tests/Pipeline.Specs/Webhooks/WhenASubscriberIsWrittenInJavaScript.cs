using System.Text.RegularExpressions;
using TaggingPipeline.Pipeline.Specs.Clients;
using TaggingPipeline.Pipeline.Specs.Processes;

namespace TaggingPipeline.Pipeline.Specs.Webhooks;

/// <summary>The example in the documentation, which checks signatures with the package of Standard Webhooks.</summary>
[Category("Node"), Category("Processes")]
public sealed partial class WhenASubscriberIsWrittenInJavaScript
{
    private const string Secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz";
    private const string OtherSecret = "whsec_OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static string Folder => Path.Combine(NodeShop.Root(), "docs", "examples", "subscribers", "javascript");

    [OneTimeSetUp]
    public Task InstallAsync() => NodeShop.InstallAsync(Folder);

    [TestCase(1)]
    [TestCase(10)]
    public async Task It_takes_what_is_signed_with_its_secret_once_and_in_order(int batchSize)
    {
        await using var shop = await SubscribedShop.StartAsync();
        await using var subscriber = await StartAsync(Secret);
        await shop.SubscribeAsync(new { id = "s", address = AddressOf(subscriber), secret = Secret, batchSize });
        var test = await shop.DoAsync(HttpMethod.Post, "/api/subscriptions/s/test");
        await shop.TellAsync(("王小明", "tier", "low"), ("王小明", "vip", true), ("王小明", "vip", null));
        await shop.CaughtUpAsync();
        await shop.DoAsync(HttpMethod.Post, "/api/subscriptions/s/redeliver", new { start = "first" });
        await shop.CaughtUpAsync();

        Assert.That(test.GetProperty("delivered").GetBoolean());
        Assert.That(Printed(subscriber), Is.EqualTo(new[]
        {
            "a test", "王小明 tag.added tier \"low\" 1", "王小明 tag.added vip true 2", "王小明 segment.entered vips true 1", "王小明 tag.removed vip null 3",
            "王小明 segment.exited vips null 2",
        }));
        Assert.That(subscriber.Errors, Is.Empty);
    }

    [Test]
    public async Task It_takes_both_secrets_while_one_is_replaced()
    {
        await using var shop = await SubscribedShop.StartAsync();
        await using var before = await StartAsync(Secret);
        await shop.SubscribeAsync(new { id = "s", address = AddressOf(before), secret = Secret });
        await shop.DoAsync(HttpMethod.Post, "/api/subscriptions/s/rotate", new { secret = OtherSecret });
        await using var after = await StartAsync(OtherSecret);
        await shop.SubscribeAsync(new { id = "other", address = AddressOf(after), secret = Secret });

        Assert.That((await shop.DoAsync(HttpMethod.Post, "/api/subscriptions/s/test")).GetProperty("delivered").GetBoolean(), "the old one still is signed with");
        Assert.That((await shop.DoAsync(HttpMethod.Post, "/api/subscriptions/other/test")).GetProperty("status").GetInt32(), Is.EqualTo(400), "not signed with the new one");
        await shop.DoAsync(HttpMethod.Post, "/api/subscriptions/other/rotate", new { secret = OtherSecret });
        Assert.That((await shop.DoAsync(HttpMethod.Post, "/api/subscriptions/other/test")).GetProperty("delivered").GetBoolean());
    }

    private static async Task<RunningProcess> StartAsync(string secret)
    {
        var subscriber = RunningProcess.Start("node", ["subscriber.mjs", "0"], new Dictionary<string, string?> { ["WEBHOOK_SECRET"] = secret }, Folder);
        await Eventually.HoldsAsync("the subscriber listens", Patience, () => Task.FromResult(Listening().IsMatch(subscriber.Output)));
        return subscriber;
    }

    private static string AddressOf(RunningProcess subscriber) => $"http://127.0.0.1:{Listening().Match(subscriber.Output).Groups[1].Value}/";

    private static string[] Printed(RunningProcess subscriber) => subscriber.Output.Split('\n')[1..];

    [GeneratedRegex(@"listening on (\d+)")]
    private static partial Regex Listening();
}
