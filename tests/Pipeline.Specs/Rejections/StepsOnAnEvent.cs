using System.Text;
using System.Text.Json;
using TaggingPipeline.Processing.Rejections;

namespace TaggingPipeline.Pipeline.Specs.Rejections;

/// <summary>What each step makes of an event; on the text, so that nothing else of it changes.</summary>
public sealed class StepsOnAnEvent
{
    [TestCase("""{"set": "currency", "value": "EUR"}""", """{"a": 1}""", """{"a": 1,"currency":"EUR"}""")]
    [TestCase("""{"set": "a", "value": [1, {"b": null}]}""", """{"a": 1, "b": 2}""", """{"a": [1, {"b": null}], "b": 2}""")]
    [TestCase("""{"set": "p.q.r", "value": 1.10}""", """{}""", """{"p":{"q":{"r":1.10}}}""")]
    [TestCase("""{"set": "p.q", "value": 1}""", """{"p": null, "z": 0}""", """{"p": {"q":1}, "z": 0}""")]
    [TestCase("""{"set": "p[1].q", "value": 1}""", """{"p": [{}, {"x": 1}]}""", """{"p": [{}, {"x": 1,"q":1}]}""")]
    [TestCase("""{"set": "p[*].q", "value": 1}""", """{"p": [{}, {"q": 2}]}""", """{"p": [{"q":1}, {"q": 1}]}""")]
    [TestCase("""{"set": "p[\"a.b\"]", "value": 1}""", """{"p": {"a": {"b": 2}}}""", """{"p": {"a": {"b": 2},"a.b":1}}""")]
    [TestCase("""{"rename": "userID", "to": "userId"}""", """{"userID": "ann", "x": 1.50}""", """{ "x": 1.50,"userId":"ann"}""")]
    [TestCase("""{"rename": "total", "to": "properties.total"}""", """{"total": 1}""", """{"properties":{"total":1}}""")]
    [TestCase("""{"rename": "p[*].cost", "to": "p[*].price"}""", """{"p": [{"cost": 1}, {}, {"cost": 3}]}""", """{"p": [{"price":1}, {}, {"price":3}]}""")]
    [TestCase("""{"rename": "prices[*]", "to": "p[*].price"}""", """{"prices": [1, 2, 3], "p": [{}, {}, {}]}""", """{"prices": [], "p": [{"price":1}, {"price":2}, {"price":3}]}""")]
    [TestCase("""{"rename": "p[0]", "to": "p[1].before"}""", """{"p": [1, {}, {}]}""", """{"p": [ {"before":1}, {}]}""")]
    [TestCase("""{"drop": "b"}""", """{"a": 1, "b": {"c": [2]}, "d": 3}""", """{"a": 1,  "d": 3}""")]
    [TestCase("""{"drop": "b"}""", """{"a": 1, "b": 2 }""", """{"a": 1 }""")]
    [TestCase("""{"drop": "b"}""", """{"b": 2}""", """{}""")]
    [TestCase("""{"drop": "b"}""", """{"b": 1, "a": 0, "b": 2}""", """{ "a": 0}""")]
    [TestCase("""{"drop": "p[0]"}""", """{"p": [1, 2, 3]}""", """{"p": [ 2, 3]}""")]
    [TestCase("""{"drop": "p[*].x"}""", """{"p": [{"x": 1}, {"y": 2}, {"x": 3, "z": 4}]}""", """{"p": [{}, {"y": 2}, { "z": 4}]}""")]
    [TestCase("""{"drop": "p[*]"}""", """{"p": [1, 2, 3]}""", """{"p": []}""")]
    [TestCase("""{"convert": "p", "to": "number"}""", """{"p": " 19.90"}""", """{"p": 19.90}""")]
    [TestCase("""{"convert": "p", "to": "number"}""", """{"p": 7}""", """{"p": 7}""")]
    [TestCase("""{"convert": "p[*].price", "to": "number"}""", """{"p": [{"price": "1e2"}, {"price": "-0.5"}]}""", """{"p": [{"price": 100}, {"price": -0.5}]}""")]
    [TestCase("""{"convert": "userId", "to": "text"}""", """{"userId": 12345678901234567890.10}""", """{"userId": "12345678901234567890.10"}""")]
    [TestCase("""{"convert": "b", "to": "text"}""", """{"b": true}""", """{"b": "true"}""")]
    [TestCase("""{"convert": "b", "to": "boolean"}""", """{"b": "Yes"}""", """{"b": true}""")]
    [TestCase("""{"convert": "b", "to": "boolean"}""", """{"b": 0}""", """{"b": false}""")]
    [TestCase("""{"convert": "t", "to": "instant", "format": "unix-seconds"}""", """{"t": 1772366400.5}""", """{"t": "2026-03-01T12:00:00.500Z"}""")]
    [TestCase("""{"convert": "t", "to": "instant", "format": "unix-milliseconds"}""", """{"t": "-1"}""", """{"t": "1969-12-31T23:59:59.999Z"}""")]
    [TestCase("""{"convert": "t", "to": "instant", "format": "dd/MM/yyyy HH:mm"}""", """{"t": "01/03/2026 12:30"}""", """{"t": "2026-03-01T12:30:00.000Z"}""")]
    [TestCase("""{"convert": "t", "to": "instant", "format": "yyyy-MM-dd HH:mm o<m>"}""", """{"t": "2026-03-01 12:30 +01:00"}""", """{"t": "2026-03-01T11:30:00.000Z"}""")]
    [TestCase("""{"convert": "t", "to": "instant", "format": "yyyy-MM-dd HH:mm o<m>"}""", """{"t": "2026-03-01 12:30 +15:00"}""", """{"t": "2026-02-28T21:30:00.000Z"}""")]
    [TestCase("""{"convert": "t", "to": "instant"}""", """{"t": "2026-03-01 12:30+0100"}""", """{"t": "2026-03-01T11:30:00.000Z"}""")]
    [TestCase("""{"drop": "bad"}""", """{"bad": "\ud800", "other": "\udfff"}""", """{ "other": "\udfff"}""")]
    [TestCase("""{"rename": "消息", "to": "m"}""", """{"\u6d88\u606f": 1}""", """{"m":1}""")]
    public void It_applies(string step, string before, string after) => Assert.That(Apply(step, before), Is.EqualTo((after, (string?)null, (string?)null)));

    [TestCase("""{"set": "p[2]", "value": 1}""", """{"p": [1, 2]}""", "there is no `p[2]`")]
    [TestCase("""{"set": "p.q", "value": 1}""", """{"p": "text"}""", "`p` is not an object")]
    [TestCase("""{"set": "p", "value": 1}""", """[1]""", "it is not an object")]
    [TestCase("""{"set": "p[*].q", "value": 1}""", """{"p": []}""", "there is no `p[*].q`")]
    [TestCase("""{"rename": "a", "to": "b"}""", """{"b": 1}""", "there is no `a`")]
    [TestCase("""{"rename": "a", "to": "b"}""", """{"a": 1, "b": 1}""", "`b` is there already")]
    [TestCase("""{"rename": "a", "to": "b.c"}""", """{"a": 1, "b": 1}""", "`b` is not an object")]
    [TestCase("""{"convert": "a", "to": "number"}""", """{"a": null}""", "there is no `a`")]
    [TestCase("""{"drop": "a.b"}""", """{"a": [{"b": 1}]}""", "there is no `a.b`")]
    public void It_does_not_apply_and_says_why(string step, string before, string why) => Assert.That(Apply(step, before), Is.EqualTo((before, why, (string?)null)));

    [TestCase("""{"convert": "a.b", "to": "number"}""", """{"a": {"b": "abc"}}""", "a.b: \"abc\" cannot be made a number")]
    [TestCase("""{"convert": "a", "to": "number"}""", """{"a": "1,299.50"}""", "a: \"1,299.50\" cannot be made a number")]
    [TestCase("""{"convert": "a", "to": "number"}""", """{"a": true}""", "a: true cannot be made a number")]
    [TestCase("""{"convert": "a", "to": "text"}""", """{"a": [1]}""", "a: [1] cannot be made a text")]
    [TestCase("""{"convert": "a", "to": "text"}""", """{"a": "\ud800"}""", "a: \"\\ud800\" cannot be made a text")]
    [TestCase("""{"convert": "a", "to": "boolean"}""", """{"a": 2}""", "a: 2 cannot be made a boolean")]
    [TestCase("""{"convert": "a", "to": "instant"}""", """{"a": "yesterday"}""", "a: \"yesterday\" cannot be made an instant")]
    [TestCase("""{"convert": "a", "to": "instant", "format": "unix-seconds"}""", """{"a": 1e28}""", "a: 1e28 cannot be made an instant")]
    [TestCase("""{"convert": "a", "to": "instant", "format": "dd/MM/yyyy"}""", """{"a": "31/02/2026"}""", "a: \"31/02/2026\" cannot be made an instant")]
    [TestCase("""{"convert": "a", "to": "instant", "format": "yyyy-MM-dd HH:mm o<m>"}""", """{"a": "0001-01-01 00:00 +01:00"}""", "a: \"0001-01-01 00:00 +01:00\" cannot be made an instant")]
    [TestCase("""{"convert": "p[*]", "to": "number"}""", """{"p": ["1", "x"]}""", "p[1]: \"x\" cannot be made a number")]
    public void It_fails_and_leaves_the_event_as_it_was(string step, string before, string why) => Assert.That(Apply(step, before), Is.EqualTo((before, (string?)null, why)));

    [Test]
    public void A_value_that_would_be_set_without_end_is_a_failure()
    {
        var json = $$"""{"p": [{{string.Join(',', Enumerable.Repeat('1', 1_000))}}]}""";

        var (after, _, failure) = Apply($$"""{"set": "p[*]", "value": "{{new string('x', 2_000)}}"}""", json);

        Assert.That((after, failure), Is.EqualTo((json, "p[*]: the event would have more than 1048576 bytes")));
    }

    [TestCase("""{"set": "p[*]", "value": 1}""")]
    [TestCase("""{"rename": "p[*]", "to": "q[*].r"}""")]
    [TestCase("""{"convert": "p[*]", "to": "text"}""")]
    [TestCase("""{"drop": "p[*]"}""")]
    public void More_places_than_can_be_gone_through_are_a_failure(string step)
    {
        var json = $$"""{"p": [{{string.Join(',', Enumerable.Repeat('1', 1_001))}}]}""";

        Assert.That(Apply(step, json), Is.EqualTo((json, (string?)null, "`p[*]` stands for more than 1000 places")));
    }

    [TestCase("""{}""", "steps", "expected a list")]
    [TestCase("""["drop"]""", "steps[0]", "expected an object")]
    [TestCase("""[{"drop": "a"}, {}]""", "steps[1]", "found none")]
    [TestCase("""[{"drop": "a", "set": "b", "value": 1}]""", "steps[0]", "found set and drop")]
    [TestCase("""[{"drop": "a", "to": "b"}]""", "steps[0].to", "there is no such field")]
    [TestCase("""[{"drop": 7}]""", "steps[0].drop", "expected a path")]
    [TestCase("""[{"drop": ""}]""", "steps[0].drop", "is not a path")]
    [TestCase("""[{"drop": "a..b"}]""", "steps[0].drop", "`a..b` is not a path")]
    [TestCase("""[{"drop": "a["}]""", "steps[0].drop", "is not a path")]
    [TestCase("""[{"drop": "a[-1]"}]""", "steps[0].drop", "is not a path")]
    [TestCase("""[{"drop": "[0]"}]""", "steps[0].drop", "is not a path")]
    [TestCase("""[{"drop": "a[0]b"}]""", "steps[0].drop", "is not a path")]
    [TestCase("""[{"set": "a"}]""", "steps[0].value", "must be given")]
    [TestCase("""[{"rename": "a", "to": "a.b"}]""", "steps[0].to", "lies in it")]
    [TestCase("""[{"rename": "a"}]""", "steps[0].to", "expected a path")]
    [TestCase("""[{"rename": "a[*].b", "to": "c"}]""", "steps[0].to", "as many [*]")]
    [TestCase("""[{"convert": "a", "to": "money"}]""", "steps[0].to", "expected one of number, text, boolean, instant")]
    [TestCase("""[{"convert": "a", "to": "number", "format": "x"}]""", "steps[0].format", "only an instant")]
    [TestCase("""[{"convert": "a", "to": "instant", "format": "qqq"}]""", "steps[0].format", "neither unix-seconds")]
    public void A_wrong_step_is_named_with_its_field(string steps, string field, string what)
    {
        var mistake = MendingSteps.Read(JsonElement.Parse(steps), out _);

        Assert.That((mistake?.Field, mistake?.What), Is.EqualTo((field, mistake?.What)));
        Assert.That(mistake!.What, Does.Contain(what));
    }

    [Test]
    public void Steps_are_written_as_they_are_read()
    {
        const string steps = """[{"set":"a[\"b.c\"][*]","value":{"x": 1.50}},{"rename":"a","to":"b[0].c"},{"convert":"t","to":"instant","format":"unix-seconds"},{"drop":"消息"}]""";
        Assert.That(MendingSteps.Read(JsonElement.Parse(steps), out var read), Is.Null);

        Assert.That(MendingSteps.Write(read), Is.EqualTo(steps));
        Assert.That(MendingSteps.Write([]), Is.Null);
    }

    [TestCase("at byte 1234 of 5", "at byte # of #")]
    [TestCase("nothing", "nothing")]
    [TestCase("#1 and ##", "# and #")]
    public void A_pattern_is_a_reason_without_its_numbers(string reason, string pattern) => Assert.That(ReasonPattern.Of(reason), Is.EqualTo(pattern));

    /// <summary>Objects at random are taken apart by steps and put together again: what is there afterwards is the same, to whoever reads it.</summary>
    [Test]
    public void Moving_a_field_away_and_back_leaves_the_same_event([Range(1, 20)] int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 50; i++)
        {
            var json = RandomJson.Object(random, 3);
            var path = RandomJson.PathIn(json, random);
            if (path is null)
                continue;
            var (away, _, _) = Apply($$"""{"rename": {{JsonSerializer.Serialize(path)}}, "to": "elsewhere.at.last"}""", json);
            var (back, notApplied, failure) = Apply($$"""{"rename": "elsewhere.at.last", "to": {{JsonSerializer.Serialize(path)}}}""", away);
            var (whole, _, _) = Apply("""{"drop": "elsewhere"}""", back);

            Assert.That((notApplied, failure), Is.EqualTo(((string?)null, (string?)null)), $"seed {seed}: {path} in {json}");
            Assert.That(JsonElement.DeepEquals(JsonElement.Parse(whole), JsonElement.Parse(json)), $"seed {seed}: {path} in {json} became {whole}");
            Assert.That(JsonElement.DeepEquals(JsonElement.Parse(away), JsonElement.Parse(json)), Is.False, $"seed {seed}: {path} in {json} was moved");
        }
    }

    private static (string After, string? NotApplied, string? Failure) Apply(string step, string json)
    {
        Assert.That(MendingSteps.Read(JsonElement.Parse($"[{step}]"), out var steps), Is.Null);
        var result = steps.Single().ApplyTo(Encoding.UTF8.GetBytes(json));
        return (Encoding.UTF8.GetString(result.Json), result.NotApplied, result.Failure);
    }
}
