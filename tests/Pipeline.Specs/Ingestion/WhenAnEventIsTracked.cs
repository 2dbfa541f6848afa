using System.Net;
using System.Text.Json;

namespace TaggingPipeline.Pipeline.Specs.Ingestion;

public sealed class WhenAnEventIsTracked : IngestionSpecs
{
    [TestCase("/v1/track", "interaction")]
    [TestCase("/v1/t", "interaction")]
    [TestCase("/v1/page", "browse")]
    [TestCase("/v1/p", "browse")]
    [TestCase("/v1/screen", "browse")]
    [TestCase("/v1/s", "browse")]
    [TestCase("/v1/identify", "profile")]
    [TestCase("/v1/i", "profile")]
    [TestCase("/v1/group", "profile")]
    [TestCase("/v1/g", "profile")]
    [TestCase("/v1/alias", "identity")]
    [TestCase("/v1/a", "identity")]
    public async Task Its_path_says_what_it_is(string path, string kind)
    {
        var answer = await Host.TrackAsync(path, """{"userId": "ann", "event": "Played", "groupId": "acme", "previousId": "anon"}""");

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(Sender.Events.Single().Kind, Is.EqualTo(kind));
    }

    [TestCase("/v1/batch")]
    [TestCase("/v1/b")]
    public async Task A_batch_says_it_of_each(string path)
    {
        var answer = await Host.TrackAsync(path, """{"batch": [{"type": "page", "userId": "ann"}, {"type": "track", "event": "Played", "userId": "ann"}]}""");

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(Sender.Events.Select(each => each.Kind), Is.EqualTo(new[] { "browse", "interaction" }));
    }

    [TestCase("Order Completed", "purchase")]
    [TestCase("order completed", "purchase")]
    [TestCase("Order Refunded", "purchase")]
    [TestCase("Order Updated", "purchase")]
    [TestCase("Order Cancelled", "purchase")]
    [TestCase("Product Viewed", "browse")]
    [TestCase("Products Searched", "browse")]
    [TestCase("Product Added", "interaction")]
    [TestCase("完成教程", "interaction")]
    public async Task Its_name_decides_its_kind(string name, string kind)
    {
        var tracked = await AcceptedAsync("/v1/track", $$"""{"userId": "ann", "event": "{{name}}"}""");

        Assert.That((tracked.Name, tracked.Kind), Is.EqualTo((name, kind)));
    }

    [Test]
    public async Task Its_fields_arrive_as_sent()
    {
        var tracked = await AcceptedAsync("/v1/track", """
            {"messageId": "m1", "userId": "ann", "anonymousId": "a1", "event": "Order Completed", "timestamp": "2026-03-01T11:59:00Z",
             "properties": {"total": "19.99", "products": [{"price": 1.10}]}, "context": {"ip": "::1"}, "integrations": {"All": false}}
            """);

        Assert.That(tracked.EventId, Is.EqualTo("m1"));
        Assert.That(tracked.CustomerId, Is.EqualTo("ann"));
        Assert.That(tracked.UserId, Is.EqualTo("ann"));
        Assert.That(tracked.AnonymousId, Is.EqualTo("a1"));
        Assert.That(tracked.ReceivedAt, Is.EqualTo(IngestionHost.Start));
        Assert.That(tracked.OccurredAt, Is.EqualTo(IngestionHost.At("2026-03-01T11:59:00Z")));
        Assert.That(tracked.Properties!.Value.GetRawText(), Is.EqualTo("""{"total":"19.99","products":[{"price":1.10}]}"""));
        Assert.That(tracked.Context!.Value.GetProperty("ip").GetString(), Is.EqualTo("::1"));
        Assert.That(tracked.Integrations!.Value.GetProperty("All").ValueKind, Is.EqualTo(JsonValueKind.False));
    }

    [Test]
    public async Task The_anonymous_id_is_the_customer_where_there_is_no_user_id()
    {
        var tracked = await AcceptedAsync("/v1/track", """{"userId": null, "anonymousId": "a1", "event": "Played"}""");

        Assert.That((tracked.CustomerId, tracked.UserId), Is.EqualTo(("a1", (string?)null)));
    }

    [TestCase("")]
    [TestCase(""", "messageId": null""")]
    [TestCase(""", "messageId": "" """)]
    public async Task It_is_given_an_id_where_it_has_none(string messageId)
    {
        var answer = await Host.TrackAsync("/v1/track", $$"""{"userId": "ann", "event": "Played"{{messageId}}}""");

        var given = Sender.Events.Single().EventId;
        Assert.That(Guid.Parse(given).Version, Is.EqualTo(7));
        Assert.That(answer.Json.GetProperty("results")[0].GetProperty("messageId").GetString(), Is.EqualTo(given));
    }

    [Test]
    public async Task An_id_of_100_characters_is_not_too_long()
    {
        var id = new string('x', 100);

        Assert.That((await AcceptedAsync("/v1/track", $$"""{"userId": "ann", "event": "Played", "messageId": "{{id}}"}""")).EventId, Is.EqualTo(id));
    }

    [TestCase("/v1/page", """{"userId": "ann", "name": "Home", "category": "Shop", "properties": {"url": "/"}}""", "Home",
        """{"url":"/","name":"Home","category":"Shop"}""")]
    [TestCase("/v1/page", """{"userId": "ann", "properties": {"url": "/"}}""", "Page", """{"url":"/"}""")]
    [TestCase("/v1/page", """{"userId": "ann", "name": "主页"}""", "主页", """{"name":"主页"}""")]
    [TestCase("/v1/page", """{"userId": "ann", "name": "Home", "properties": {"name": "Own", "category": null}}""", "Home", """{"name":"Own","category":null}""")]
    [TestCase("/v1/page", """{"userId": "ann", "name": "Home", "properties": {"name": null}}""", "Home", """{"name":"Home"}""")]
    [TestCase("/v1/page", """{"userId": "ann", "properties": {"name": "Own"}}""", "Own", """{"name":"Own"}""")]
    [TestCase("/v1/screen", """{"userId": "ann"}""", "Screen", null)]
    public async Task A_view_is_named_by_its_page(string path, string json, string name, string? properties)
    {
        var viewed = await AcceptedAsync(path, json);

        Assert.That(viewed.Name, Is.EqualTo(name));
        Assert.That(viewed.Properties?.GetRawText(), Is.EqualTo(properties));
    }

    [Test]
    public async Task Identify_brings_traits_and_both_ids()
    {
        var identified = await AcceptedAsync("/v1/identify", """{"userId": "ann", "anonymousId": "a1", "traits": {"age": 30}}""");

        Assert.That((identified.Kind, identified.CustomerId, identified.AnonymousId), Is.EqualTo(("profile", "ann", "a1")));
        Assert.That(identified.Properties!.Value.GetRawText(), Is.EqualTo("""{"age":30}"""));
    }

    [Test]
    public async Task A_groups_traits_stand_under_group_with_its_id()
    {
        var grouped = await AcceptedAsync("/v1/group", """{"userId": "ann", "groupId": "acme", "traits": {"industry": "shoes", "id": "other", "rate": 1.50}}""");

        Assert.That(grouped.GroupId, Is.EqualTo("acme"));
        Assert.That(grouped.Properties!.Value.GetRawText(), Is.EqualTo("""{"group":{"id":"acme","industry":"shoes","rate":1.50}}"""));
    }

    [Test]
    public async Task An_alias_names_the_previous_id()
    {
        var alias = await AcceptedAsync("/v1/alias", """{"userId": "ann", "previousId": "a1"}""");

        Assert.That((alias.Kind, alias.CustomerId, alias.PreviousId), Is.EqualTo(("identity", "ann", "a1")));
    }

    [Test]
    public async Task The_answer_is_the_one_that_SDKs_expect()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/track") { Content = new StringContent("""{"userId": "ann", "event": "Played"}""") };
        request.Headers.Authorization = IngestionHost.Basic(IngestionHost.WriteKey);

        var answer = await Host.SendAsync(request);

        Assert.That((answer.Status, answer.MediaType, answer.Text), Is.EqualTo((HttpStatusCode.OK, "application/json", """{"success": true}""")));
    }

    [Test]
    public async Task What_became_of_it_is_told_to_those_who_prefer_that()
    {
        var answer = await Host.TrackAsync("/v1/track", """{"messageId": "m1", "userId": "ann", "event": "Played"}""");

        Assert.That(answer.Headers.GetValues("Preference-Applied"), Is.EqualTo(new[] { "return=representation" }));
        Assert.That(answer.Text, Is.EqualTo("""{"success":true,"results":[{"messageId":"m1","status":"accepted"}]}"""));
    }
}
