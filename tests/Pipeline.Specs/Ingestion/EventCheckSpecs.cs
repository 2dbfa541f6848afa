using System.Text;
using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Pipeline.Specs.Ingestion;

/// <summary>Events come over the bus too, where no endpoint has looked at them.</summary>
public sealed class EventCheckSpecs
{
    [TestCase("""{"a": 1e29}""", "bad-number", "properties.a: the number lies outside ±7.9e28")]
    [TestCase("""{"a": 1, "b": {"c": [1, {"d": -1e29}]}}""", "bad-number", "properties.b.c[1].d: the number lies outside ±7.9e28")]
    [TestCase("""[1]""", "bad-properties", "properties: must be an object")]
    [TestCase("""{"a": "\ud800"}""", "bad-text", "properties: the text is not valid Unicode at byte 7")]
    [TestCase("""{"\udfff": 1}""", "bad-text", "properties: the text is not valid Unicode at byte 2")]
    [TestCase("""{"a": 79228162514264337593543950335, "b": null, "c": "\ud83d\ude00", "d": [true, {}]}""", null, null)]
    public void Properties(string json, string? code, string? reason)
    {
        var rejection = EventCheck.Reject(Event(JsonElement.Parse(json)));

        Assert.That((rejection?.Code, rejection?.Reason), Is.EqualTo((code, reason)));
    }

    [TestCase("""{"tag": "vip", "action": "assigned", "value": true, "by": "anna", "reason": "r"}""", null)]
    [TestCase("""{"tag": "vip", "action": "assigned", "value": "gold", "by": "anna", "reason": "r"}""", null)]
    [TestCase("""{"tag": "vip", "action": "released", "by": "anna", "reason": "r"}""", null)]
    [TestCase("""{"action": "released", "by": "anna", "reason": "r"}""", "properties.tag: must have 1 to 100 characters")]
    [TestCase("""{"tag": 1, "action": "released", "by": "anna", "reason": "r"}""", "properties.tag: must have 1 to 100 characters")]
    [TestCase("""{"tag": "vip", "action": "praised", "by": "anna", "reason": "r"}""", "properties.action: must be assigned, removed or released")]
    [TestCase("""{"tag": "vip", "action": "assigned", "value": false, "by": "anna", "reason": "r"}""", "properties.value: must be true, a number, or text of 1 to 200 characters")]
    [TestCase("""{"tag": "vip", "action": "assigned", "by": "anna", "reason": "r"}""", "properties.value: must be true, a number, or text of 1 to 200 characters")]
    [TestCase("""{"tag": "vip", "action": "removed", "by": "", "reason": "r"}""", "properties.by: must have 1 to 200 characters")]
    [TestCase("""{"tag": "vip", "action": "removed", "by": "anna"}""", "properties.reason: must have 1 to 1000 characters")]
    [TestCase(null, "properties.tag: must have 1 to 100 characters")]
    public void What_is_done_to_tags_by_hand(string? json, string? reason)
    {
        var rejection = EventCheck.Reject(Event(json is null ? null : JsonElement.Parse(json)) with { Kind = "tag" });

        Assert.That((rejection?.Code, rejection?.Reason), Is.EqualTo((reason is null ? null : "bad-tag", reason)));
    }

    [TestCase(31, null)]
    [TestCase(32, "too-deep")]
    [TestCase(60, "too-deep")]
    public void Depth(int levels, string? code)
    {
        var json = new StringBuilder().Insert(0, """{"a":""", levels).Append('1').Append('}', levels).ToString();

        Assert.That(EventCheck.Reject(Event(JsonElement.Parse(json)))?.Code, Is.EqualTo(code));
    }

    [TestCase(EventCheck.MaxObjectBytes, null)]
    [TestCase(EventCheck.MaxObjectBytes + 1, "too-large")]
    public void Size(int bytes, string? code)
    {
        var json = $$"""{"a":"{{new string('x', bytes - 8)}}"}""";

        Assert.That(EventCheck.Reject(Event(JsonElement.Parse(json)))?.Code, Is.EqualTo(code));
    }

    [Test]
    public void Context_is_looked_at_too()
    {
        var rejection = EventCheck.Reject(Event(null) with { Context = JsonElement.Parse("""{"a": "\ud800"}""") });

        Assert.That(rejection?.Code, Is.EqualTo("bad-text"));
    }

    [Test]
    public void A_good_event_is_checked_without_allocating()
    {
        var shopEvent = Event(JsonElement.Parse("""{"total": 19.99, "products": [{"price": 1, "name": "shoe"}]}"""));
        EventCheck.Reject(shopEvent);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 100; i++)
            EventCheck.Reject(shopEvent);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(100 * 50));
    }

    [TestCase(new byte[] { 0x22, 0xC3, 0x28, 0x22 }, 1)]
    [TestCase(new byte[] { 0x22, 0xFF, 0x22 }, 1)]
    [TestCase(new byte[] { 0x22, 0x61, 0xED, 0xA0, 0x80, 0x22 }, 2)]
    [TestCase(new byte[] { 0x22, 0xF0, 0x9F, 0x98, 0x80, 0x22 }, null)]
    public void Bytes(byte[] json, int? fault) => Assert.That(JsonText.FirstFault(json), Is.EqualTo(fault));

    [TestCase("""["\u0041", "\\ud800", "\"\\\ud83d\ude00"]""", null)]
    [TestCase(""" "\ud83d" """, 2)]
    [TestCase(""" "\ud83dx" """, 2)]
    [TestCase(""" "\ud83d\ud83d\ude00" """, 2)]
    [TestCase(""" "\uD83D\uDE00\uDE00" """, 14)]
    [TestCase(""" "\ud83d\\ude00" """, 2)]
    public void Escapes(string json, int? fault) => Assert.That(JsonText.FirstFault(Encoding.UTF8.GetBytes(json)), Is.EqualTo(fault));

    private static ShopEvent Event(JsonElement? properties) => new()
    {
        EventId = "e1",
        CustomerId = "ann",
        Kind = "purchase",
        Name = "Order Completed",
        OccurredAt = IngestionHost.Start,
        ReceivedAt = IngestionHost.Start,
        Properties = properties,
    };
}
