using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Projection;

public sealed class WhenCustomersAreAskedFor
{
    private QueryServer _server;

    [SetUp]
    public async Task SetUp()
    {
        _server = await QueryServer.StartAsync(Rulebooks.WithSegments(("best", "tag(vip)")));
        await _server.CommitAsync(
            Event("ann", "p1", -3, "purchase", "Order Completed", """{"order_id":"o1","total":999.90}"""),
            Event("ann", "p2", -2, "purchase", "Order Completed", """{"order_id":"o2","total":0.15}"""),
            Event("ann", "t1", -1, "profile", "identify", """{"country":"GB","age":41.50}"""));
    }

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [Test]
    public async Task A_customer_has_tags_with_reasons_traits_and_numbers()
    {
        var customer = await _server.GetAsync("/api/customers/ann");

        Assert.That(customer.EnumerateObject().Select(property => property.Name), Is.EqualTo(new[]
        {
            "id", "tags", "traits", "identities", "firstSeen", "lastSeen", "sequence", "rulebook", "asOf", "leftOut",
        }));
        Assert.That(customer.GetProperty("tags").EnumerateArray().Select(tag => (tag.GetProperty("key").GetString(), tag.GetProperty("value").GetRawText())),
            Is.EqualTo(new[] { ("vip", "true"), ("tier", "\"high\""), ("spent", "1000.05") }));
        Assert.That(customer.GetProperty("traits").GetRawText(), Is.EqualTo("""{"age":41.5,"country":"GB"}"""));
        Assert.That(customer.GetProperty("identities").GetRawText(), Is.EqualTo("""["ann"]"""));
        Assert.That(customer.GetProperty("firstSeen").GetString(), Is.EqualTo("2024-02-27T12:00:00Z"));
        Assert.That(customer.GetProperty("lastSeen").GetString(), Is.EqualTo("2024-02-29T12:00:00Z"));
        Assert.That(customer.GetProperty("sequence").GetInt64(), Is.EqualTo(3));
    }

    [Test]
    public async Task A_tag_says_why_since_when_and_when_it_changes()
    {
        var vip = (await _server.GetAsync("/api/customers/ann/tags")).GetProperty("items")[0];

        Assert.That(vip.EnumerateObject().Select(property => property.Name), Is.EqualTo(new[] { "key", "category", "value", "since", "changesAt", "reason" }));
        Assert.That(vip.GetProperty("since").GetString(), Is.EqualTo("2024-03-01T12:00:00Z"));
        Assert.That(vip.GetProperty("changesAt").ValueKind, Is.EqualTo(JsonValueKind.Null));
        var reason = vip.GetProperty("reason");
        Assert.That(reason.GetProperty("clauses")[0].GetProperty("actual").GetRawText(), Is.EqualTo("2"));
        Assert.That(reason.GetProperty("clauses")[0].GetProperty("threshold").GetRawText(), Is.EqualTo("2"));
        Assert.That(reason.GetProperty("events").EnumerateArray().Select(id => id.GetString()), Is.EqualTo(new[] { "p2", "p1" }));
    }

    [Test]
    public async Task Every_rule_is_explained_when_asked_also_those_that_call_for_no_tag()
    {
        var outcomes = (await _server.GetAsync("/api/customers/ann?explain=all")).GetProperty("outcomes");

        Assert.That(outcomes.EnumerateArray().Select(outcome => outcome.GetProperty("key").GetString()), Is.EqualTo(new[] { "vip", "tier", "at-risk", "spent" }));
        var atRisk = outcomes[2];
        Assert.That(atRisk.GetProperty("value").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(atRisk.GetProperty("changesAt").GetString(), Is.EqualTo("2024-03-29T12:00:00Z"));
        Assert.That(atRisk.GetProperty("reason").GetProperty("clauses").GetArrayLength(), Is.GreaterThan(0));
        Assert.That(await _server.GetProblemAsync("/api/customers/ann?explain=some"), Is.EqualTo((400, "explain", "explain: `some` is none of all")));
    }

    [Test]
    public async Task Reasons_belong_to_the_tags_beside_them_while_a_timer_is_about_to_fire()
    {
        _server.Clock.Now = _server.Clock.Now.AddDays(29);

        var customer = await _server.GetAsync("/api/customers/ann?explain=all");

        Assert.That(customer.GetProperty("asOf").GetString(), Is.EqualTo("2024-03-01T12:00:00Z"));
        Assert.That(customer.GetProperty("outcomes")[2].GetProperty("value").ValueKind, Is.EqualTo(JsonValueKind.Null), "at-risk is not held yet");
    }

    [Test]
    public async Task Facts_that_belong_to_another_rulebook_are_observed_anew()
    {
        _server.Services.GetRequiredService<CurrentRulebook>().Replace(Rulebooks.WithTag("units", "sum(purchase.units)"));

        var customer = await _server.GetAsync("/api/customers/ann");

        Assert.That(customer.GetProperty("lastSeen").GetString(), Is.EqualTo("2024-02-29T12:00:00Z"));
        Assert.That(customer.GetProperty("tags").GetArrayLength(), Is.EqualTo(3));
        Assert.That(customer.GetProperty("tags").EnumerateArray().Select(tag => tag.GetProperty("reason").ValueKind), Has.All.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task Events_come_newest_first_or_oldest_first_page_by_page()
    {
        var newest = await _server.GetAllAsync("/api/customers/ann/events", limit: 2);
        var oldest = await _server.GetAllAsync("/api/customers/ann/events?order=oldest", limit: 1);

        Assert.That(newest.Select(Id), Is.EqualTo(new[] { "t1", "p2", "p1" }));
        Assert.That(oldest.Select(Id), Is.EqualTo(new[] { "p1", "p2", "t1" }));
        Assert.That(oldest[0].GetProperty("properties").GetProperty("total").GetRawText(), Is.EqualTo("999.90"));
        Assert.That(oldest[0].GetProperty("occurredAt").GetString(), Is.EqualTo("2024-02-27T12:00:00Z"));

        static string? Id(JsonElement recorded) => recorded.GetProperty("eventId").GetString();
    }

    [Test]
    public async Task Changes_of_one_customer_come_in_the_order_of_the_feed()
    {
        var ann = new ToldCustomer("ann");
        await _server.ProjectAsync(ann.Tells(("vip", true)), new ToldCustomer("bob").Tells(("vip", true)), ann.Tells(("vip", null)));

        var changes = await _server.GetAllAsync("/api/customers/ann/changes", limit: 3);

        Assert.That(changes.Select(change => change.GetProperty("id").GetString()),
            Is.EqualTo(new[] { "ann:tag:1", "ann:segment:1", "ann:tag:2", "ann:segment:2" }));
    }

    [Test]
    public async Task Any_id_can_be_asked_for()
    {
        foreach (var id in new[] { "a/b", "a%2Fb", "a b+c?d#e&f", "顾客", "x@y.z" })
        {
            await _server.CommitAsync(Event(id, "p1", -1, "purchase", "Order Completed", "{}"));
            var customer = await _server.GetAsync($"/api/customers/{Uri.EscapeDataString(id)}");
            Assert.That(customer.GetProperty("id").GetString(), Is.EqualTo(id));
        }
    }

    [TestCase("/api/customers/nobody", 404, "id")]
    [TestCase("/api/customers/nobody/tags", 404, "id")]
    [TestCase("/api/customers/nobody/events", 404, "id")]
    [TestCase("/api/customers/nobody/changes", 404, "id")]
    [TestCase("/api/customers/ann/events?order=random", 400, "order")]
    [TestCase("/api/customers/ann/events?after=yesterday", 400, "after")]
    [TestCase("/api/customers/ann/events?limit=0", 400, "limit")]
    [TestCase("/api/customers/ann/changes?after=-1", 400, "after")]
    [TestCase("/api/customers/ann/changes?limit=ten", 400, "limit")]
    [TestCase("/api/customers/ann?at=2024-01-01T00:00:00Z", 400, "at")]
    [TestCase("/api/customers/ann/tags?at=yesterday", 400, "at")]
    [TestCase("/api/customers/ann/tags?at=0000-01-01T00:00:00Z", 400, "at")]
    [TestCase("/api/customers/ann/tags?at=9999-12-31T23:59:59-14:00", 400, "at")]
    [TestCase("/api/segments/best/members?at=0000-01-01T00:00:00Z&by=journal", 400, "at")]
    [TestCase("/api/digest?at=0000-01-01T00:00:00Z", 400, "at")]
    [TestCase("/api/digest?at=9999-12-31T23:59:59-14:00", 400, "at")]
    [TestCase("/api/customers/ann/tags?at=2024-01-01T00:00:00Z&by=heart", 400, "by")]
    [TestCase("/api/customers/ann/changes?at=2024-01-01T00:00:00Z", 400, "at")]
    public async Task What_cannot_be_answered_is_a_problem_that_names_the_parameter(string path, int status, string parameter)
    {
        var problem = await _server.GetProblemAsync(path);

        Assert.That((problem.Status, problem.Parameter), Is.EqualTo((status, parameter)));
    }

    [TestCase("0002-01-01T00:00:00Z")]
    [TestCase("9998-12-31T23:59:59Z")]
    public async Task The_past_can_be_asked_for_at_the_ends_of_time(string at)
    {
        await using var server = await QueryServer.StartAsync(Rulebooks.WithTags(
            Tag("today", "count(purchase, today)"), Tag("years", "count(purchase, 5 calendar years)"), Tag("since", "count(purchase since start_of_day(last(purchase)))"),
            Tag("long", "count(purchase, 36500d)"), Tag("first", "first(purchase)"), Tag("age", "age(trait.born)"), Tag("end", "days(since(end_of_day(first(purchase))))")));
        await server.CommitAsync(
            Event("ann", "p1", -3, "purchase", "Order Completed", """{"order_id":"o1","total":999.90}"""), Event("ann", "t1", -1, "profile", "identify", """{"born":"1990-02-28"}"""));

        await server.GetAsync($"/api/customers/ann/tags?at={at}&by=journal&verify=true");
        await server.GetAsync($"/api/digest?at={at}");

        static TagDefinition Tag(string key, string value) => new() { Key = Rulebooks.Text(key), Category = Rulebooks.Text("value"), Value = Rulebooks.Text(value) };
    }

    private static ShopEvent Event(string customer, string id, int days, string kind, string name, string properties) => new()
    {
        EventId = id,
        CustomerId = customer,
        Kind = kind,
        Name = name,
        OccurredAt = ToldCustomer.Start.AddDays(days),
        ReceivedAt = ToldCustomer.Start,
        Properties = JsonSerializer.Deserialize<JsonElement>(properties),
    };
}
