using System.Net;
using TaggingPipeline.Pipeline.Specs.Ingestion;
using TaggingPipeline.Processing.Subscriptions;
using TaggingPipeline.Projection.Webhooks;

namespace TaggingPipeline.Pipeline.Specs.Webhooks;

public sealed class WhenAnAddressIsForbidden
{
    [TestCase("8.8.8.8", true)]
    [TestCase("2606:4700::1111", true)]
    [TestCase("::ffff:8.8.8.8", true)]
    [TestCase("127.0.0.1", true)]
    [TestCase("127.9.9.9", true)]
    [TestCase("::1", true)]
    [TestCase("::ffff:127.0.0.1", true)]
    [TestCase("0.0.0.0", false)]
    [TestCase("10.0.0.1", false)]
    [TestCase("100.64.0.1", false)]
    [TestCase("100.127.255.255", false)]
    [TestCase("100.128.0.1", true)]
    [TestCase("169.254.169.254", false)]
    [TestCase("172.15.255.255", true)]
    [TestCase("172.16.0.1", false)]
    [TestCase("172.31.255.255", false)]
    [TestCase("172.32.0.1", true)]
    [TestCase("192.168.0.1", false)]
    [TestCase("198.18.0.1", false)]
    [TestCase("224.0.0.1", false)]
    [TestCase("240.0.0.1", false)]
    [TestCase("255.255.255.255", false)]
    [TestCase("::", false)]
    [TestCase("::ffff:10.0.0.1", false)]
    [TestCase("::10.0.0.1", false)]
    [TestCase("64:ff9b::a00:1", false)]
    [TestCase("2002:a00:1::", false)]
    [TestCase("2001:0:4136:e378::", false)]
    [TestCase("2001:db8::1", false)]
    [TestCase("fc00::1", false)]
    [TestCase("fd00:ec2::254", false)]
    [TestCase("fe80::1", false)]
    [TestCase("fec0::1", false)]
    [TestCase("ff02::1", false)]
    public void Only_public_addresses_and_this_machine_are_reached(string address, bool may) =>
        Assert.That(new AddressRules([]).MayReach(IPAddress.Parse(address), encrypted: true), Is.EqualTo(may));

    [TestCase("127.0.0.1", true)]
    [TestCase("::1", true)]
    [TestCase("8.8.8.8", false)]
    [TestCase("10.0.0.1", false)]
    public void Without_encryption_only_this_machine_is(string address, bool may) =>
        Assert.That(new AddressRules([IPNetwork.Parse("10.0.0.0/8")]).MayReach(IPAddress.Parse(address), encrypted: false), Is.EqualTo(may));

    [TestCase("10.1.2.3", true)]
    [TestCase("::ffff:10.1.2.3", true)]
    [TestCase("10.2.0.1", false)]
    [TestCase("fd12::1", true)]
    [TestCase("fd13::1", false)]
    public void A_setting_allows_more(string address, bool may) =>
        Assert.That(new AddressRules([IPNetwork.Parse("10.1.0.0/16"), IPNetwork.Parse("fd12::/16")]).MayReach(IPAddress.Parse(address), encrypted: true), Is.EqualTo(may));

    [Test]
    public async Task A_name_that_comes_to_stand_for_something_inside_is_not_followed_there()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var stands = new List<string> { "127.0.0.1", "10.0.0.7" };
        var options = new WebhookOptions
        {
            Clock = new ManualClock(DateTimeOffset.UtcNow),
            Resolve = (name, _) =>
            {
                Assert.That(name, Is.EqualTo("rebound.example"));
                var next = IPAddress.Parse(stands[0]);
                stands.RemoveAt(0);
                return Task.FromResult(new[] { next });
            },
        };
        var connections = new WebhookConnections(new([]), options);
        var terms = new WebhookTerms { Address = receiver.Url.Replace("127.0.0.1", "rebound.example", StringComparison.Ordinal) };

        var first = await SendAsync();
        var second = await SendAsync();

        Assert.That(first.Status, Is.EqualTo(204));
        Assert.That((second.Status, second.Error), Is.EqualTo(((int?)null, second.Error)));
        Assert.That(second.Error, Does.Contain("10.0.0.7").And.Contain("WebhooksMayReach"));
        Assert.That(receiver.All, Has.Count.EqualTo(1));

        async Task<SendResult> SendAsync()
        {
            using var http = connections.Create(1); // each with a connection of its own
            return await new WebhookSender(http, options).SendAsync(terms, [], new("id", "application/json", "{}"u8.ToArray()), CancellationToken.None);
        }
    }

    [Test]
    public async Task Of_several_addresses_only_those_that_may_be_are_connected_to()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var options = new WebhookOptions { Resolve = (_, _) => Task.FromResult(new[] { IPAddress.Parse("10.0.0.7"), IPAddress.Loopback }) };

        var reachable = await new WebhookConnections(new([]), options).CheckAsync(new DnsEndPoint("both.example", 80), encrypted: false, CancellationToken.None);

        Assert.That(reachable, Is.EqualTo(new[] { IPAddress.Loopback }));
    }
}
