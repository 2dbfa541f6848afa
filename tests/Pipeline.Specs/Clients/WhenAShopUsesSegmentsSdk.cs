using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Ingestion;

namespace TaggingPipeline.Pipeline.Specs.Clients;

/// <summary>The real SDK for Node, told nothing but our address.</summary>
[Category("Node")]
public sealed class WhenAShopUsesSegmentsSdk
{
    private static readonly string[] Visit =
    [
        "browse Shoes", "profile Identify", "identity Alias", "profile Group", "browse Cart", "interaction Product Added", "purchase Order Completed",
    ];

    [OneTimeSetUp]
    public Task InstallAsync() => NodeShop.InstallAsync();

    [Test]
    public async Task Everything_arrives_once()
    {
        var requests = 0;
        await using var host = await IngestionHost.StartAsync(before: application => application.Use((context, next) =>
        {
            Interlocked.Increment(ref requests);
            return next(context);
        }));

        var delivered = await NodeShop.RunAsync(host.Client.BaseAddress!, IngestionHost.WriteKey);

        AssertArrived(host.Sender, delivered);
        Assert.That(requests, Is.EqualTo(Visit.Length + 1), "one event a request for ann, one request for bob");
    }

    [Test]
    public async Task Its_own_retries_bring_what_was_too_fast_or_could_not_be_made_safe()
    {
        var requests = 0;
        await using var host = await IngestionHost.StartAsync(before: application => application.Use(async (context, next) =>
        {
            if (Interlocked.Increment(ref requests) != 2)
            {
                await next(context);
                return;
            }

            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = "1";
        }));
        host.Sender.Failure = new InvalidOperationException("the broker is away for the first message");
        host.Sender.FailuresLeft = 1;

        var delivered = await NodeShop.RunAsync(host.Client.BaseAddress!, IngestionHost.WriteKey);

        AssertArrived(host.Sender, delivered);
        Assert.That(requests, Is.EqualTo(Visit.Length + 1 + 2), "two were sent again");
    }

    private static void AssertArrived(RecordingSender sender, string[] delivered)
    {
        var events = sender.Events;
        Assert.That(sender.Rejected, Is.Empty);
        Assert.That(events.Select(each => each.EventId), Is.EquivalentTo(delivered));
        Assert.That(delivered, Is.Unique);
        foreach (var person in new[] { "ann", "bob" })
            AssertVisited(person, events.Where(each => each.CustomerId.EndsWith(person, StringComparison.Ordinal)).ToDictionary(each => each.Name));
    }

    private static void AssertVisited(string person, Dictionary<string, ShopEvent> events)
    {
        Assert.That(events.Values.Select(each => $"{each.Kind} {each.Name}"), Is.EquivalentTo(Visit));
        Assert.That(events["Shoes"].CustomerId, Is.EqualTo($"visitor-{person}"));
        Assert.That(events["Shoes"].Properties!.Value.GetProperty("category").GetString(), Is.EqualTo("Catalogue"));
        Assert.That(events["Identify"].AnonymousId, Is.EqualTo($"visitor-{person}"));
        Assert.That(events["Identify"].Properties!.Value.GetProperty("城市").GetString(), Is.EqualTo("上海"));
        Assert.That(events["Alias"].PreviousId, Is.EqualTo($"visitor-{person}"));
        Assert.That(events["Group"].Properties!.Value.GetProperty("group").GetProperty("industry").GetString(), Is.EqualTo("retail"));
        Assert.That(events["Product Added"].Properties!.Value.GetProperty("price").GetString(), Is.EqualTo("49.95"));
        Assert.That(events["Order Completed"].Properties!.Value.GetProperty("total").GetDecimal(), Is.EqualTo(99.9m));
        Assert.That(events.Values, Is.All.Property("FromFuture").False);
        var libraries = events.Values.Select(each => each.Context!.Value.GetProperty("library").GetProperty("name").GetString());
        Assert.That(libraries, Is.All.EqualTo("@segment/analytics-node"));

        // The SDK's clock is far from that of the host, which stands still; what counts is how long before sending the order was placed.
        Assert.That(IngestionHost.Start - events["Order Completed"].OccurredAt, Is.InRange(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(90)));
    }
}
