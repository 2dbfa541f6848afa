using System.Text;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using TaggingPipeline.Pipeline.Specs.Brokers;
using TaggingPipeline.Pipeline.Specs.Processes;
using TaggingPipeline.Pipeline.Specs.Projection;
using TaggingPipeline.Processing.Exchange;

namespace TaggingPipeline.Pipeline.Specs.Exchange;

[Category("RabbitMq")]
public sealed class WhenChangesArePublished
{
    private static readonly string[] Everything = ["#"];

    private TemporaryFolder _folder = null!;
    private RabbitMqServer _broker = null!;
    private string _address = "";
    private ExchangeHost _host = null!;

    private static string VirtualHost => $"exchange-{TestContext.CurrentContext.Test.ID}";

    [SetUp]
    public async Task SetUp()
    {
        _folder = new();
        _broker = await SharedBroker.GetAsync();
        _address = await _broker.CreateVirtualHostAsync(VirtualHost);
        _host = await ExchangeHost.StartAsync(_address, _folder["store.db"]);
    }

    [TearDown]
    public async Task TearDown()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task A_change_is_a_cloud_event_with_a_routing_key_that_names_it()
    {
        await DeclareAsync("subscriber.all", "#");
        var ann = new ToldCustomer("ann");

        await _host.ProjectAsync(ann.Tells(("vip", true), ("tier", "low")), ann.Tells(("tier", "high")), ann.Tells(("vip", null)));

        var got = await TakeAsync("subscriber.all", 6);
        Assert.That(got.Select(each => (each.RoutingKey, each.BasicProperties.MessageId)), Is.EqualTo(new[]
        {
            ("tag.vip.added", "ann:tag:1"), ("tag.tier.added", "ann:tag:2"), ("segment.best.entered", "ann:segment:1"),
            ("tag.tier.changed", "ann:tag:3"), ("tag.vip.removed", "ann:tag:4"), ("segment.best.exited", "ann:segment:2"),
        }));
        Assert.That(got.Select(each => (each.Exchange, each.BasicProperties.ContentType, each.BasicProperties.DeliveryMode)),
            Is.All.EqualTo(("tagging.changes", "application/cloudevents+json", DeliveryModes.Persistent)));
        var feed = (await _host.AskAsync(HttpMethod.Get, "/api/changes")).Body.GetProperty("items").EnumerateArray().Select(item => item.GetRawText());
        Assert.That(got.Select(each => Encoding.UTF8.GetString(each.Body.Span)), Is.EqualTo(feed));
    }

    [Test]
    public async Task A_queue_gets_what_its_patterns_fit_and_other_patterns_take_the_place_of_the_first()
    {
        Assert.That(await DeclareAsync("subscriber.some", "segment.#"), Is.EqualTo(201));
        await _host.ProjectAsync(new ToldCustomer("ann").Tells(("vip", true)));
        Assert.That(await TakeIdsAsync("subscriber.some", 1), Is.EqualTo(new[] { "ann:segment:1" }));

        Assert.That(await DeclareAsync("subscriber.some", "tag.vip.*"), Is.EqualTo(200));
        await _host.ProjectAsync(new ToldCustomer("bob").Tells(("vip", true)), new ToldCustomer("carl").Tells(("tier", "low"), ("vip", true)));

        Assert.That(await TakeIdsAsync("subscriber.some", 2), Is.EquivalentTo(new[] { "bob:tag:1", "carl:tag:2" }));
        var (status, shown) = await _host.AskAsync(HttpMethod.Get, "/api/queues/subscriber.some");
        Assert.That((status, shown.GetProperty("bindings").GetRawText(), shown.GetProperty("messages").GetInt64()), Is.EqualTo((200, """["tag.vip.*"]""", 0)));
    }

    [Test]
    public async Task What_stands_in_the_feed_up_to_the_position_of_a_queue_and_what_comes_to_it_is_everything()
    {
        await _host.ProjectAsync(new ToldCustomer("ann").Tells(("vip", true)));
        var (_, declared) = await _host.AskAsync(HttpMethod.Put, "/api/queues/subscriber.late", new { bindings = Everything });
        var position = declared.GetProperty("position").GetString();
        await _host.ProjectAsync(new ToldCustomer("bob").Tells(("vip", true)));

        var before = (await _host.AskAsync(HttpMethod.Get, $"/api/changes?limit={position}")).Body.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!);
        var after = new List<string>();
        while (!after.Contains("bob:segment:1")) // Ann's changes, which the feed has, may be published after the queue was declared
            after.AddRange(await TakeIdsAsync("subscriber.late", 1));
        Assert.That(before.Concat(after).Distinct(), Is.EqualTo(new[] { "ann:tag:1", "ann:segment:1", "bob:tag:1", "bob:segment:1" }));
    }

    [Test]
    public async Task Queues_are_listed_and_deleted()
    {
        await DeclareAsync("subscriber.b", "#");
        await DeclareAsync("subscriber.a", "segment.*.entered", "segment.*.exited");

        var (_, list) = await _host.AskAsync(HttpMethod.Get, "/api/queues");
        Assert.That(list.GetProperty("items").EnumerateArray().Select(queue => queue.GetProperty("name").GetString()), Is.EqualTo(new[] { "subscriber.a", "subscriber.b" }));
        Assert.That((await _host.AskAsync(HttpMethod.Delete, "/api/queues/subscriber.a")).Status, Is.EqualTo(204));
        Assert.That((await _host.AskAsync(HttpMethod.Delete, "/api/queues/subscriber.a")).Status, Is.EqualTo(404));
        Assert.That((await _host.AskAsync(HttpMethod.Get, "/api/queues/subscriber.a")).Status, Is.EqualTo(404));
        await using var connection = await _broker.ConnectAsync(VirtualHost, CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        Assert.That(async () => await channel.MessageCountAsync("subscriber.a"), Throws.Exception.With.Message.Contains("no queue"));
    }

    [Test]
    public async Task Of_two_processes_each_goes_on_where_the_other_ended()
    {
        await DeclareAsync("subscriber.all", "#");
        var ann = new ToldCustomer("ann");
        for (var turn = 1; turn <= 3; turn++)
        {
            var next = await ExchangeHost.StartAsync(_address, _folder["store.db"]);
            await _host.ProjectAsync(ann.Tells(("tier", $"{turn}a")));
            await _host.DisposeAsync();
            _host = next;
            await _host.ProjectAsync(ann.Tells(("tier", $"{turn}b")));
        }

        var ids = new List<string>();
        while (ids.Distinct().Count() < 6)
            ids.AddRange(await TakeIdsAsync("subscriber.all", 1));
        Assert.That(ids.Distinct(), Is.EqualTo(Enumerable.Range(1, 6).Select(i => $"ann:tag:{i}")), "in order among first deliveries");
    }

    [Test]
    public async Task An_exchange_that_was_deleted_is_there_again_with_its_queues_and_nothing_is_missed()
    {
        await DeclareAsync("subscriber.all", "#");
        await using (var connection = await _broker.ConnectAsync(VirtualHost, CancellationToken.None))
        await using (var channel = await connection.CreateChannelAsync())
            await channel.ExchangeDeleteAsync("tagging.changes");

        await _host.ProjectAsync(new ToldCustomer("ann").Tells(("vip", true)));

        Assert.That((await TakeIdsAsync("subscriber.all", 2)).Distinct(), Is.EqualTo(new[] { "ann:tag:1", "ann:segment:1" }));
    }

    [Test]
    public async Task A_queue_that_was_forgotten_while_the_line_was_broken_is_there_again_before_the_next_change()
    {
        await _host.DisposeAsync();
        await using var detour = BrokerDetour.To(_broker.Port);
        _host = await ExchangeHost.StartAsync(_address.Replace($":{_broker.Port}/", $":{detour.Port}/", StringComparison.Ordinal), _folder["store.db"]);
        await DeclareAsync("subscriber.all", "#");
        await _host.ProjectAsync(new ToldCustomer("ann").Tells(("vip", true)));
        await TakeAsync("subscriber.all", 2);

        detour.BreakOffAll();
        await using (var connection = await _broker.ConnectAsync(VirtualHost, CancellationToken.None))
        await using (var channel = await connection.CreateChannelAsync())
            await channel.QueueDeleteAsync("subscriber.all");
        await _host.ProjectAsync(new ToldCustomer("bob").Tells(("vip", true)));

        await Eventually.HoldsAsync("the queue is there again", TimeSpan.FromSeconds(60), () => IsThereAsync("subscriber.all"));
        Assert.That(await TakeIdsAsync("subscriber.all", 2), Is.EqualTo(new[] { "bob:tag:1", "bob:segment:1" }));
    }

    [Test]
    public async Task A_queue_that_the_broker_has_with_other_arguments_is_a_conflict_and_not_kept()
    {
        await DeclareClassicAsync("subscriber.own");

        var (status, problem) = await _host.AskAsync(HttpMethod.Put, "/api/queues/subscriber.own", new { bindings = Everything });

        Assert.That((status, problem.GetProperty("parameter").GetString()), Is.EqualTo((409, "name")));
        Assert.That((await _host.AskAsync(HttpMethod.Delete, "/api/queues/subscriber.own")).Status, Is.EqualTo(404), "it is not ours to delete");
    }

    [Test]
    public async Task A_queue_that_the_broker_will_not_declare_again_keeps_no_other_from_its_changes()
    {
        await DeclareAsync("subscriber.all", "#");
        await DeclareClassicAsync("subscriber.a");
        await _host.Services.GetRequiredService<ISubscriberQueues>().SaveAsync(new("subscriber.a", ["#"]), CancellationToken.None);
        await _host.DisposeAsync();
        _host = await ExchangeHost.StartAsync(_address, _folder["store.db"]);

        await _host.ProjectAsync(new ToldCustomer("ann").Tells(("vip", true)));

        Assert.That(await TakeIdsAsync("subscriber.all", 2), Is.EqualTo(new[] { "ann:tag:1", "ann:segment:1" }));
    }

    [Test]
    public async Task A_queue_that_refuses_holds_up_the_others_for_some_time_only()
    {
        await DeclareAsync("subscriber.all", "#");
        await using var connection = await _broker.ConnectAsync(VirtualHost, CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync("full", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-max-length"] = 1, ["x-overflow"] = "reject-publish" });
        await channel.QueueBindAsync("full", "tagging.changes", "#");
        var ann = new ToldCustomer("ann");

        await _host.ProjectAsync(ann.Tells(("tier", "1")), ann.Tells(("tier", "2")), ann.Tells(("tier", "3")));

        var ids = new List<string>();
        while (!ids.Contains("ann:tag:3"))
            ids.AddRange(await TakeIdsAsync("subscriber.all", 1));
        Assert.That(ids.Distinct(), Is.EqualTo(new[] { "ann:tag:1", "ann:tag:2", "ann:tag:3" }));
    }

    [TestCase("crm", """{"bindings": ["#"]}""", 422, "name", "`crm` is not a name such as `subscriber.crm`")]
    [TestCase("tagging-events", """{"bindings": ["#"]}""", 422, "name", "is not a name")]
    [TestCase("subscriber.", """{"bindings": ["#"]}""", 422, "name", "is not a name")]
    [TestCase("subscriber.a", "{}", 422, "bindings", "expected 1 to 100 patterns")]
    [TestCase("subscriber.a", """{"bindings": []}""", 422, "bindings", "expected 1 to 100 patterns")]
    [TestCase("subscriber.a", """{"bindings": ["segment.#", "segments.#"]}""", 422, "bindings", "`segments.#` fits no routing key")]
    [TestCase("subscriber.a", """{"bindings": ["tag.vip.entered"]}""", 422, "bindings", "`tag.vip.entered` fits no routing key")]
    [TestCase("subscriber.a", """{"bindings": ["tag.vip*"]}""", 422, "bindings", "`tag.vip*` fits no routing key")]
    [TestCase("subscriber.a", """{"bindings": [null]}""", 422, "bindings", "a pattern is null")]
    [TestCase("subscriber.a", """{"patterns": ["#"]}""", 400, "patterns", "no such field")]
    [TestCase("subscriber.a", "no", 400, "body", "JSON")]
    public async Task A_bad_queue_is_a_problem_that_names_the_field(string name, string body, int status, string field, string hint)
    {
        using var response = await _host.Client.PutAsync($"/api/queues/{name}", new StringContent(body, Encoding.UTF8, "application/json"));
        var problem = System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

        Assert.That(((int)response.StatusCode, problem.GetProperty("parameter").GetString()), Is.EqualTo((status, field)));
        Assert.That(problem.GetProperty("detail").GetString(), Does.Contain(hint));
    }

    private async Task DeclareClassicAsync(string queue)
    {
        await using var connection = await _broker.ConnectAsync(VirtualHost, CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
    }

    private async Task<bool> IsThereAsync(string queue)
    {
        await using var connection = await _broker.ConnectAsync(VirtualHost, CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            await channel.QueueDeclarePassiveAsync(queue);
            return true;
        }
        catch (OperationInterruptedException)
        {
            return false;
        }
    }

    private async Task<int> DeclareAsync(string queue, params string[] bindings) => (await _host.AskAsync(HttpMethod.Put, $"/api/queues/{queue}", new { bindings })).Status;

    private async Task<IEnumerable<string>> TakeIdsAsync(string queue, int count) => (await TakeAsync(queue, count)).Select(each => each.BasicProperties.MessageId!);

    private async Task<List<BasicGetResult>> TakeAsync(string queue, int count)
    {
        await using var connection = await _broker.ConnectAsync(VirtualHost, CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        var taken = new List<BasicGetResult>();
        await Eventually.HoldsAsync($"{count} messages come to {queue}", TimeSpan.FromSeconds(60), async () =>
        {
            while (taken.Count < count && await channel.BasicGetAsync(queue, autoAck: true) is { } next)
                taken.Add(next);
            return taken.Count == count;
        });
        return taken;
    }
}

public sealed class WhenThereIsNoBroker
{
    [Test]
    public async Task Queues_are_said_to_need_one()
    {
        using var folder = new TemporaryFolder();
        await using var host = await ExchangeHost.StartAsync("memory", folder["store.db"]);

        foreach (var (method, path) in new[] { (HttpMethod.Get, "/api/queues"), (HttpMethod.Get, "/api/queues/subscriber.a"), (HttpMethod.Put, "/api/queues/subscriber.a"), (HttpMethod.Delete, "/api/queues/subscriber.a") })
        {
            var (status, problem) = await host.AskAsync(method, path);
            Assert.That((status, problem.GetProperty("detail").GetString()), Is.EqualTo((501, "queues need RabbitMQ as bus (setting Bus); this one is in memory. `/api/changes/stream` and webhooks work on any")));
        }
    }
}
