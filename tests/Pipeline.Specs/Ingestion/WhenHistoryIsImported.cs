using System.Net;
using System.Text;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Pipeline.Specs.Ingestion;

public sealed class WhenHistoryIsImported : IngestionSpecs
{
    private readonly KnownEvents _journal = new();

    private protected override Task<IngestionHost> StartHostAsync() => IngestionHost.StartAsync(journal: _journal);

    [SetUp]
    public void Forget() => _journal.Known.Clear();

    [TestCase("[{0}, {1}]", TestName = "As_a_JSON_array")]
    [TestCase(" \n[{0},\r\n{1}]\n", TestName = "As_a_JSON_array_with_blanks_around")]
    [TestCase("{0}\n{1}", TestName = "As_JSON_lines")]
    [TestCase("{0}\r\n\r\n  {1}\r\n", TestName = "As_JSON_lines_with_blank_ones")]
    public async Task Accepted(string form)
    {
        var answer = await Host.ImportAsync(form.Replace("{0}", Event("e1"), StringComparison.Ordinal).Replace("{1}", Event("e2"), StringComparison.Ordinal));

        Assert.That((answer.Status, answer.Text), Is.EqualTo((HttpStatusCode.OK, """{"accepted":2,"duplicate":0,"rejected":0,"results":[]}""")));
        Assert.That(Sender.Events.Select(each => each.EventId), Is.EqualTo(new[] { "e1", "e2" }));
    }

    [Test]
    public async Task Gzip_is_unpacked()
    {
        var answer = await Host.ImportAsync(IngestionHost.Gzip(Encoding.UTF8.GetBytes(Event("e1"))));

        Assert.That(answer.Json.GetProperty("accepted").GetInt32(), Is.EqualTo(1));
    }

    [Test]
    public async Task Events_arrive_as_they_are()
    {
        await Host.ImportAsync("""
            [{"eventId": "e1", "customerId": "ann", "kind": "purchase", "name": "Order Completed", "occurredAt": "1997-01-01T05:00:00.1239+01:00",
              "userId": "ann", "anonymousId": "a1", "groupId": "g1", "previousId": "p1", "timestamp": "1997-01-01", "sentAt": "1997-01-02",
              "properties": {"total": 11.770}, "context": {"b": 1}, "integrations": {"c": 2}}]
            """);

        var imported = Sender.Events.Single();
        Assert.That((imported.CustomerId, imported.Kind, imported.Name), Is.EqualTo(("ann", "purchase", "Order Completed")));
        Assert.That(imported.OccurredAt, Is.EqualTo(IngestionHost.At("1997-01-01T04:00:00.123Z")));
        Assert.That(imported.ReceivedAt, Is.EqualTo(IngestionHost.Start));
        Assert.That((imported.UserId, imported.AnonymousId, imported.GroupId, imported.PreviousId), Is.EqualTo(("ann", "a1", "g1", "p1")));
        Assert.That((imported.Timestamp, imported.SentAt), Is.EqualTo(((DateTimeOffset?)IngestionHost.At("1997-01-01Z"), (DateTimeOffset?)IngestionHost.At("1997-01-02Z"))));
        Assert.That(imported.Properties!.Value.GetRawText(), Is.EqualTo("""{"total":11.770}"""));
        Assert.That(imported.Context!.Value.GetRawText(), Is.EqualTo("""{"b":1}"""));
        Assert.That(imported.Integrations!.Value.GetRawText(), Is.EqualTo("""{"c":2}"""));
    }

    [Test]
    public async Task The_future_is_left_to_come()
    {
        await Host.ImportAsync(Event("e1").Replace("1997", "2027", StringComparison.Ordinal));

        var imported = Sender.Events.Single();
        Assert.That((imported.OccurredAt, imported.FromFuture), Is.EqualTo((IngestionHost.At("2027-01-01T00:00:00Z"), false)));
    }

    [Test]
    public async Task What_is_known_is_not_sent_again()
    {
        _journal.Known.UnionWith([new("ann", "e1"), new("zoe", "e2")]);

        var answer = await Host.ImportAsync($"{Event("e1")}\n{Event("e2")}\n{Event("e3")}\n{Event("e3")}");

        Assert.That(answer.Text, Is.EqualTo("""{"accepted":2,"duplicate":2,"rejected":0,"results":[]}"""));
        Assert.That(Sender.Events.Select(each => each.EventId), Is.EqualTo(new[] { "e2", "e3" }));
    }

    [Test]
    public async Task Without_a_journal_only_repeats_are_told()
    {
        await using var host = await IngestionHost.StartAsync();

        var answer = await host.ImportAsync($"{Event("e1")}\n{Event("e1")}");

        Assert.That(answer.Text, Is.EqualTo("""{"accepted":1,"duplicate":1,"rejected":0,"results":[]}"""));
    }

    [TestCase("no JSON", "not-json")]
    [TestCase("""{"eventId": NaN}""", "not-json")]
    [TestCase("""{} {}""", "not-json")]
    [TestCase("7", "not-an-object")]
    [TestCase("{}", "missing-field")]
    [TestCase("""{"eventId": "e", "customerId": "ann", "kind": "purchase", "name": "N"}""", "missing-field")]
    [TestCase("""{"eventId": "e", "customerId": "ann", "kind": "purchase", "name": "N", "occurredAt": "soon"}""", "bad-timestamp")]
    [TestCase("""{"eventId": "e", "customerId": "ann", "kind": "sale", "name": "N", "occurredAt": "2026-01-01"}""", "bad-kind")]
    [TestCase("""{"eventId": 1, "customerId": "ann", "kind": "purchase", "name": "N", "occurredAt": "2026-01-01"}""", "wrong-type")]
    [TestCase("""{"eventId": "e", "customerId": "ann", "kind": "identity", "name": "N", "occurredAt": "2026-01-01"}""", "missing-field")]
    [TestCase("""{"eventId": "e", "customerId": "ann", "kind": "browse", "name": "N", "occurredAt": "2026-01-01", "properties": {"a": "\ud800"}}""", "bad-text")]
    [TestCase("""{"eventId": "e", "customerId": "ann", "kind": "browse", "name": "N", "occurredAt": "2026-01-01", "properties": {"a": -1e29}}""", "bad-number")]
    public async Task A_bad_line_is_told_by_its_position_and_kept(string line, string code)
    {
        var answer = await Host.ImportAsync($"{Event("e1")}\n\n{line}\n{Event("e3")}");

        Assert.That((answer.Json.GetProperty("accepted").GetInt32(), answer.Json.GetProperty("rejected").GetInt32()), Is.EqualTo((2, 1)));
        var result = answer.Json.GetProperty("results")[0];
        Assert.That((result.GetProperty("index").GetInt32(), result.GetProperty("code").GetString()), Is.EqualTo((1, code)));
        Assert.That(result.GetProperty("reason").GetString(), Is.Not.Empty);
        Assert.That((Sender.Rejected.Single().Code, Sender.Rejected.Single().Payload), Is.EqualTo((code, line)));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("shop-key")]
    public async Task It_takes_an_API_key(string? key)
    {
        var answer = await Host.ImportAsync(Event("e1"), key);

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(answer.Headers.WwwAuthenticate.ToString(), Is.EqualTo("Bearer"));
        AssertProblem(answer);
        Assert.That(Sender.Started, Is.Zero);
    }

    [Test]
    public async Task Of_5000_events_all_are_taken_and_of_5001_none()
    {
        var events = Enumerable.Range(0, 5_001).Select(i => Event($"e{i}")).ToArray();

        var fitting = await Host.ImportAsync(string.Join('\n', events[..5_000]));
        Assert.That(fitting.Json.GetProperty("accepted").GetInt32(), Is.EqualTo(5_000));

        foreach (var body in new[] { string.Join('\n', events), $"[{string.Join(',', events)}]" })
        {
            var answer = await Host.ImportAsync(body);
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
            AssertProblem(answer);
        }

        Assert.That(Sender.Events, Has.Count.EqualTo(5_000));
    }

    [Test]
    public async Task More_than_5_MB_is_too_large_packed_or_not()
    {
        var body = new byte[(5 * 1024 * 1024) + 1];
        body.AsSpan().Fill((byte)' ');

        Assert.That((await Host.ImportAsync(body)).Status, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        Assert.That((await Host.ImportAsync(IngestionHost.Gzip(body))).Status, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        Assert.That((await Host.ImportAsync(body[1..])).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task An_array_that_is_not_JSON_is_refused()
    {
        var answer = await Host.ImportAsync($"[{Event("e1")}, NaN]");

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest));
        AssertProblem(answer);
        Assert.That(Sender.Events, Is.Empty);
    }

    [Test]
    public async Task What_could_not_be_made_safe_is_to_be_sent_again()
    {
        Sender.Failure = new InvalidOperationException("the broker is away");

        var answer = await Host.ImportAsync(Event("e1"));

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(answer.Headers.GetValues("Retry-After"), Is.EqualTo(new[] { "1" }));
        AssertProblem(answer);
    }

    private static void AssertProblem(Answer answer)
    {
        Assert.That(answer.MediaType, Is.EqualTo("application/problem+json"));
        Assert.That(answer.Json.GetProperty("status").GetInt32(), Is.EqualTo((int)answer.Status));
        Assert.That(answer.Json.GetProperty("code").GetString(), Is.Not.Empty);
        Assert.That(answer.Json.GetProperty("detail").GetString(), Is.Not.Empty);
    }

    private static string Event(string id) =>
        $$"""{"eventId": "{{id}}", "customerId": "ann", "kind": "purchase", "name": "Order Completed", "occurredAt": "1997-01-01"}""";

    /// <summary>A journal that is only asked what it knows.</summary>
    private sealed class KnownEvents : IJournal
    {
        public HashSet<EventKey> Known { get; } = [];

        public Task<IReadOnlySet<EventKey>> KnownAsync(IReadOnlyCollection<EventKey> keys, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlySet<EventKey>>(keys.Where(Known.Contains).ToHashSet());

        public Task<IReadOnlyList<JournaledEvent>> ReadAsync(string customer, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<string>> CustomersAsync(string? after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<string>> WithoutEventsAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<JournaledEvent> ReadManyAsync(IReadOnlyCollection<string> customers, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<long> CountAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
