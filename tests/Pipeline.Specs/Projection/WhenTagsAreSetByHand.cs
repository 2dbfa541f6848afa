using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Pipeline.Specs.Projection;

public sealed class WhenTagsAreSetByHand
{
    private QueryServer _server;

    [SetUp]
    public async Task SetUp() => _server = await QueryServer.StartAsync(Rulebooks.WithTags(
        new()
        {
            Key = Rulebooks.Text("loyalty"),
            Category = Rulebooks.Text("value"),
            Manual = new([Rulebooks.Text("gold"), Rulebooks.Text("silver")]),
            Description = Rulebooks.Text("Card holders"),
            Owner = Rulebooks.Text("Anna, CRM"),
            Group = Rulebooks.Text("cards"),
            Expires = Rulebooks.Text("365d"),
        },
        new() { Key = Rulebooks.Text("vip"), Category = Rulebooks.Text("value"), When = Rulebooks.Text("count(purchase) >= 2") },
        new() { Key = Rulebooks.Text("spent"), Category = Rulebooks.Text("value"), Value = Rulebooks.Text("sum(purchase.total)") },
        new() { Key = Rulebooks.Text("off"), Category = Rulebooks.Text("value"), When = Rulebooks.Text("true"), Enabled = Rulebooks.Text("false"), Hold = Rulebooks.Text("7d") }));

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [Test]
    public async Task An_assigned_tag_is_held_with_who_and_why_once_it_is_answered()
    {
        var (status, answer) = await SendAsync(HttpMethod.Put, "ann/tags/loyalty", """{"value": "gold", "by": "anna", "reason": "VIP at the fair"}""");

        Assert.That(status, Is.EqualTo(200));
        Assert.That(answer.GetProperty("action").GetString(), Is.EqualTo("assigned"));
        var tag = (await _server.GetAsync("/api/customers/ann/tags")).GetProperty("items").EnumerateArray().Single(item => item.GetProperty("key").GetString() == "loyalty");
        Assert.That(tag.GetProperty("value").GetString(), Is.EqualTo("gold"));
        Assert.That(tag.GetProperty("reason").GetRawText(), Is.EqualTo(
            """{"text":"assigned by hand by anna: VIP at the fair","clauses":[{"text":"assigned by hand by anna: VIP at the fair","actual":null,"threshold":null,"holds":true,"note":null}],"events":["EVENT"]}"""
                .Replace("EVENT", answer.GetProperty("eventId").GetString(), StringComparison.Ordinal)));
    }

    [Test]
    public async Task It_is_an_event_in_the_journal()
    {
        await SendAsync(HttpMethod.Put, "ann/tags/vip", """{"by": "anna", "reason": "VIP at the fair"}""");

        var recorded = (await _server.GetAsync("/api/customers/ann/events")).GetProperty("items")[0];
        Assert.That((recorded.GetProperty("kind").GetString(), recorded.GetProperty("name").GetString()), Is.EqualTo(("tag", "Tag Assigned")));
        Assert.That(recorded.GetProperty("properties").GetRawText(), Is.EqualTo("""{"action":"assigned","by":"anna","reason":"VIP at the fair","tag":"vip","value":true}"""));
    }

    [Test]
    public async Task Removed_and_released_it_is_as_the_last_one_said()
    {
        await SendAsync(HttpMethod.Put, "ann/tags/vip", """{"by": "anna", "reason": "VIP at the fair"}""");
        var assigned = await HeldAsync("ann");
        var (removal, removed) = await SendAsync(HttpMethod.Delete, "ann/tags/spent?by=ben&reason=mistaken", null);
        var afterRemoval = await HeldAsync("ann");
        var (release, _) = await SendAsync(HttpMethod.Post, "ann/tags/vip/release", """{"by": "ben", "reason": "the fair is over"}""");

        Assert.That((removal, removed.GetProperty("action").GetString(), release), Is.EqualTo((200, "removed", 200)));
        Assert.That((assigned, afterRemoval, await HeldAsync("ann")), Is.EqualTo(("vip spent", "vip", "")));
    }

    [Test]
    public async Task The_same_request_with_the_same_key_is_done_once()
    {
        for (var i = 0; i < 2; i++)
            await SendAsync(HttpMethod.Put, "ann/tags/vip", """{"by": "anna", "reason": "VIP at the fair"}""", idempotencyKey: "fair-7");

        var recorded = (await _server.GetAsync("/api/customers/ann/events")).GetProperty("items");
        Assert.That(recorded.EnumerateArray().Select(item => item.GetProperty("eventId").GetString()), Is.EqualTo(new[] { "fair-7" }));
    }

    [TestCase("loyalti", """{"by": "anna", "reason": "r"}""", 422, "key: the rulebook has no tag `loyalti`; did you mean `loyalty`?")]
    [TestCase("loyalty", """{"value": "glod", "by": "anna", "reason": "r"}""", 422, "value: \"glod\" is no value of the tag `loyalty`: expected one of gold, silver; did you mean `gold`?")]
    [TestCase("loyalty", """{"by": "anna", "reason": "r"}""", 422, "value: nothing is no value of the tag `loyalty`: expected one of gold, silver")]
    [TestCase("vip", """{"value": "yes", "by": "anna", "reason": "r"}""", 422, "value: \"yes\" is no value of the tag `vip`: expected true, or nothing")]
    [TestCase("spent", """{"value": [1], "by": "anna", "reason": "r"}""", 422, "value: [1] is no value of the tag `spent`: expected text or a number")]
    [TestCase("off", """{"by": "anna", "reason": "r"}""", 422, "key: the tag `off` is disabled in the rulebook")]
    [TestCase("vip", """{"reason": "r"}""", 422, "properties.by: must have 1 to 200 characters")]
    [TestCase("vip", """{"by": "anna"}""", 422, "properties.reason: must have 1 to 1000 characters")]
    [TestCase("vip", "no JSON", 400, """body: expected a JSON object, such as {"by": "anna", "reason": "VIP at the fair"}; `value` besides for a tag with values""")]
    public async Task What_cannot_be_done_is_told_and_nothing_is_sent(string tag, string body, int status, string detail)
    {
        var answer = await SendAsync(HttpMethod.Put, $"ann/tags/{tag}", body);

        Assert.That((answer.Status, answer.Answer.GetProperty("detail").GetString()), Is.EqualTo((status, detail)));
        Assert.That(Sender.Sent, Is.Empty);
    }

    [Test]
    public async Task What_is_not_safe_is_answered_503()
    {
        Sender.Failure = new TimeoutException("The broker is away.");

        Assert.That((await SendAsync(HttpMethod.Delete, "ann/tags/vip?by=anna&reason=r", null)).Status, Is.EqualTo(503));
    }

    [Test]
    public async Task The_list_of_tags_shows_what_is_said_of_them_besides_their_rules()
    {
        var tags = (await _server.GetAsync("/api/tags")).GetProperty("items").EnumerateArray().ToDictionary(tag => tag.GetProperty("key").GetString()!);

        Assert.That(tags["loyalty"].GetRawText(), Is.EqualTo(
            """{"key":"loyalty","name":"loyalty","category":"value","tiers":["gold","silver"],"rule":"by hand: gold, silver","customers":0,"values":[],"description":"Card holders","owner":"Anna, CRM","enabled":true,"group":"cards","manual":true,"hold":null,"expires":"365d"}"""));
        Assert.That((tags["off"].GetProperty("enabled").GetBoolean(), tags["off"].GetProperty("hold").GetString()), Is.EqualTo((false, "7d")));
    }

    [Test]
    public async Task It_needs_the_API_key()
    {
        _server.Client.DefaultRequestHeaders.Authorization = null;

        Assert.That((await SendAsync(HttpMethod.Put, "ann/tags/vip", """{"by": "anna", "reason": "r"}""")).Status, Is.EqualTo(401));
        Assert.That(Sender.Sent, Is.Empty);
    }

    private QueryServer.Sender Sender => (QueryServer.Sender)_server.Services.GetRequiredService<ISafeSender>();

    private async Task<string> HeldAsync(string customer) => string.Join(' ',
        (await _server.GetAsync($"/api/customers/{customer}/tags")).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("key").GetString()));

    private async Task<(int Status, JsonElement Answer)> SendAsync(HttpMethod method, string path, string? body, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, $"/api/customers/{path}");
        if (body is not null)
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        using var response = await _server.Client.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }
}
