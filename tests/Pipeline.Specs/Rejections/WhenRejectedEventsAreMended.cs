using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.CommandLine;
using TaggingPipeline.Pipeline.Specs.Projection;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Journal;
using TaggingPipeline.Processing.Rejections;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Pipeline.Specs.Rejections;

/// <summary><c>/api/rejected</c> and <c>tagging rejected</c>, with evaluation behind them.</summary>
public sealed class WhenRejectedEventsAreMended
{
    private const string Mend = """[{"rename": "userID", "to": "userId"}, {"convert": "properties.total", "to": "number"}]""";

    private static readonly DateTimeOffset FirstReceived = new(2024, 2, 1, 9, 0, 0, TimeSpan.Zero);

    private QueryServer _server = null!;
    private InterruptedStore _store = null!;

    private QueryServer.Sender Sender => (QueryServer.Sender)_server.Services.GetRequiredService<ISafeSender>();

    private IJournal Journal => _server.Services.GetRequiredService<IJournal>();

    [SetUp]
    public async Task StartAsync() => _server = await QueryServer.StartAsync(Rulebooks.WithSegments(), services =>
    {
        var stored = services.Last(service => service.ServiceType == typeof(IRejectedEvents)).ImplementationType!;
        services.AddSingleton<IRejectedEvents>(provider => _store = new((IRejectedEvents)ActivatorUtilities.CreateInstance(provider, stored)));
    });

    [TearDown]
    public async Task StopAsync() => await _server.DisposeAsync();

    [Test]
    public async Task They_are_listed_by_code_grouped_by_reason_and_read_one_by_one()
    {
        await _server.RejectAsync(Bought("r-1"), Bought("r-2") with { Code = "bad-text", Reason = "at byte 12" }, Bought("r-3") with { Code = "bad-text", Reason = "at byte 7", ReceivedAt = FirstReceived.AddDays(1) });

        Assert.That((await _server.GetAllAsync("/api/rejected?code=bad-text", 1)).Select(IdOf), Is.EqualTo(new[] { "r-2", "r-3" }));
        Assert.That((await _server.GetAllAsync("/api/rejected?code=bad-text&pattern=at%20byte%20%23", 10)).Select(IdOf), Is.EqualTo(new[] { "r-2", "r-3" }));
        Assert.That(await _server.GetAllAsync("/api/rejected?code=none", 10), Is.Empty);
        Assert.That((await _server.GetAsync("/api/rejected/groups")).GetProperty("items").GetRawText(), Is.EqualTo(
            """[{"code":"bad-text","pattern":"at byte #","count":2,"firstAt":"2024-02-01T09:00:00Z","lastAt":"2024-02-02T09:00:00Z","example":"r-2","reason":"at byte 12"},"""
            + """{"code":"missing-id","pattern":"userId or anonymousId: must be given","count":1,"firstAt":"2024-02-01T09:00:00Z","lastAt":"2024-02-01T09:00:00Z","example":"r-1","reason":"userId or anonymousId: must be given"}]"""));
        Assert.That((await _server.GetAsync("/api/rejected/r-3")).GetProperty("payload").GetString(), Is.EqualTo(Bought("r-3").Payload));
        Assert.That((await _server.GetProblemAsync("/api/rejected/r-4")).Status, Is.EqualTo(404));
    }

    [Test]
    public async Task A_preview_shows_what_would_become_of_them_and_changes_nothing()
    {
        await _server.RejectAsync(Bought("r-1"), Bought("r-2", total: "\"free\""), Bought("r-3", user: "7"), Bought("r-4") with { Payload = "{ broken" });

        var report = await AskAsync("preview", $$"""{"all": true, "steps": {{Mend}} }""");

        Assert.That(Counts(report), Is.EqualTo((4, 1, 1, 2)));
        var items = report.GetProperty("items").EnumerateArray().ToDictionary(IdOf);
        Assert.That(items["r-1"].GetProperty("before").GetProperty("userID").GetString(), Is.EqualTo("ann"));
        Assert.That(items["r-1"].GetProperty("after").GetRawText(), Does.Contain("\"userId\":\"ann\"").And.Contain("\"total\":19.90").And.Not.Contain("userID"));
        Assert.That(items["r-1"].GetProperty("events")[0].GetProperty("occurredAt").GetString(), Is.EqualTo("2024-02-01T09:00:00Z"));
        Assert.That(ReasonOf(items["r-2"]), Is.EqualTo(("failed", "not-mended", "steps[1]: properties.total: \"free\" cannot be made a number")));
        Assert.That(ReasonOf(items["r-3"]), Is.EqualTo(("rejected", "wrong-type", "userId: must be a text")));
        Assert.That(ReasonOf(items["r-4"]).Item2, Is.EqualTo("not-json"));
        Assert.That(items["r-4"].GetProperty("before").GetString(), Is.EqualTo("{ broken"));
        Assert.That(report.GetProperty("steps")[0].GetRawText(), Does.EndWith("\"applied\":2,\"notApplied\":0}"));
        Assert.That(report.GetProperty("reasons").GetArrayLength(), Is.EqualTo(3));
        Assert.That(Sender.Sent, Is.Empty);
        Assert.That((await _server.GetAllAsync("/api/rejected", 10)).Select(each => each.GetProperty("code").GetString()), Is.EqualTo(new[] { "missing-id", "missing-id", "missing-id", "missing-id" }));
    }

    [Test]
    public async Task A_step_that_does_not_apply_is_told_of_that_event()
    {
        await _server.RejectAsync(Bought("r-1"));

        var report = await AskAsync("preview", """{"ids": ["r-1", "r-9"], "steps": [{"drop": "debug"}, {"rename": "userID", "to": "userId"}]}""");

        Assert.That(report.GetProperty("items")[0].GetProperty("notApplied").GetRawText(), Is.EqualTo("""["steps[0]: there is no `debug`"]"""));
        Assert.That(Counts(report), Is.EqualTo((1, 1, 0, 0)));
        Assert.That(report.GetProperty("steps")[0].GetRawText(), Does.EndWith("\"applied\":0,\"notApplied\":1}"));
    }

    [Test]
    public async Task Those_that_are_accepted_then_count_from_their_original_instant_and_the_others_stay_with_the_new_reason()
    {
        await _server.RejectAsync(
            Bought("r-1"), Bought("r-2", timestamp: "2024-01-15T10:00:00Z"), Bought("r-3", user: "7"), Bought("r-4", total: "\"free\""), Bought("r-5") with { Code = "other", Payload = "[]" });

        var report = await AskAsync("resubmit", $$"""{"code": "missing-id", "steps": {{Mend}} }""");

        Assert.That(Counts(report), Is.EqualTo((4, 2, 1, 1)));
        var journal = (await Journal.ReadAsync("ann", CancellationToken.None)).Select(EventMapping.FromJournal).ToDictionary(each => each.EventId);
        Assert.That(journal.Keys, Is.EquivalentTo(new[] { "rejected-r-1", "rejected-r-2" }));
        Assert.That(journal["rejected-r-1"].OccurredAt, Is.EqualTo(FirstReceived), "it had no timestamp");
        Assert.That(journal["rejected-r-2"].OccurredAt, Is.EqualTo(new DateTimeOffset(2024, 1, 15, 10, 0, 0, TimeSpan.Zero)));
        Assert.That(journal.Values.Select(each => each.ReceivedAt), Has.All.EqualTo(FirstReceived));
        var left = (await _server.GetAllAsync("/api/rejected", 10)).ToDictionary(IdOf);
        Assert.That(left.Keys, Is.EquivalentTo(new[] { "r-3", "r-4", "r-5" }));
        Assert.That((left["r-3"].GetProperty("code").GetString(), left["r-3"].GetProperty("reason").GetString()), Is.EqualTo(("wrong-type", "userId: must be a text")));
        Assert.That(left["r-3"].GetProperty("steps").GetString(), Is.EqualTo(Mend.Replace(", \"", ",\"", StringComparison.Ordinal).Replace(", {", ",{", StringComparison.Ordinal).Replace(": ", ":", StringComparison.Ordinal)));
        Assert.That(left["r-3"].GetProperty("payload").GetString(), Is.EqualTo(Bought("r-3", user: "7").Payload), "what was sent stays");
        Assert.That((left["r-4"].GetProperty("code").GetString(), left["r-5"].GetProperty("code").GetString()), Is.EqualTo(("missing-id", "other")));
    }

    [Test]
    public async Task A_resubmission_that_is_cut_off_between_sending_and_removing_leaves_both_and_counts_once()
    {
        await _server.RejectAsync([.. Enumerable.Range(0, 5).Select(i => Bought($"r-{i}"))]);
        _store.FailsToRemove = true;

        using (var cut = await PostAsync("resubmit", $$"""{"all": true, "steps": {{Mend}} }"""))
            Assert.That((int)cut.StatusCode, Is.EqualTo(500));
        Assert.That(await Journal.CountAsync(CancellationToken.None), Is.EqualTo(5), "they were sent");
        Assert.That(await _server.GetAllAsync("/api/rejected", 10), Has.Count.EqualTo(5), "and are kept");

        _store.FailsToRemove = false;
        Assert.That(Counts(await AskAsync("resubmit", $$"""{"all": true, "steps": {{Mend}} }""")), Is.EqualTo((5, 5, 0, 0)));
        Assert.That(Sender.Sent, Has.Count.EqualTo(10), "they came twice");
        Assert.That(await Journal.CountAsync(CancellationToken.None), Is.EqualTo(5), "and count once");
        Assert.That(await _server.GetAllAsync("/api/rejected", 10), Is.Empty);
    }

    [Test]
    public async Task Nothing_is_removed_that_is_not_known_to_be_safe()
    {
        await _server.RejectAsync(Bought("r-1"), Bought("r-2"));
        Sender.Failure = new TimeoutException("the broker is away");

        using var answer = await PostAsync("resubmit", $$"""{"all": true, "steps": {{Mend}} }""");

        Assert.That((int)answer.StatusCode, Is.EqualTo(503));
        Assert.That((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString(), Is.EqualTo("Resubmitted before: 0. The next could not be made safe, and are kept: the broker is away"));
        Assert.That(await _server.GetAllAsync("/api/rejected", 10), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task What_a_limit_leaves_is_reached_from_where_the_answer_says_and_what_comes_meanwhile_is_not()
    {
        await _server.RejectAsync([.. Enumerable.Range(0, 250).Select(i => Bought($"r-{i:000}", user: i % 2 == 0 ? "\"ann\"" : "7"))]);

        var first = await AskAsync("resubmit", $$"""{"all": true, "limit": 120, "steps": {{Mend}} }""");
        await _server.RejectAsync(Bought("late"));
        var second = await AskAsync("resubmit", $$"""{"all": true, "after": "{{first.GetProperty("next").GetString()}}", "steps": {{Mend}} }""");

        Assert.That((Counts(first), Counts(second)), Is.EqualTo(((120, 60, 60, 0), (130, 65, 65, 0))));
        Assert.That(second.GetProperty("next").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(await Journal.CountAsync(CancellationToken.None), Is.EqualTo(125));
        Assert.That((await _server.GetAllAsync("/api/rejected?code=missing-id", 100)).Select(IdOf), Is.EqualTo(new[] { "late" }));
    }

    [Test]
    public async Task A_limit_holds_for_those_named_by_id_too()
    {
        await _server.RejectAsync([.. Enumerable.Range(0, 3).Select(i => Bought($"r-{i}"))]);
        const string ids = """ "ids": ["r-2", "r-0", "none", "r-1"] """;

        var first = await AskAsync("resubmit", $$"""{ {{ids}}, "limit": 2, "steps": {{Mend}} }""");
        Assert.That((await _server.GetAllAsync("/api/rejected", 10)).Select(IdOf), Is.EqualTo(new[] { "r-1" }));
        var second = await AskAsync("resubmit", $$"""{ {{ids}}, "limit": 2, "after": "{{first.GetProperty("next").GetString()}}", "steps": {{Mend}} }""");

        Assert.That((Counts(first), Counts(second)), Is.EqualTo(((2, 2, 0, 0), (1, 1, 0, 0))));
        Assert.That(second.GetProperty("next").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task A_page_of_large_ones_ends_before_it_is_full()
    {
        await _server.RejectAsync([.. Enumerable.Range(0, 100).Select(i => Bought($"r-{i:00}") with { Payload = new string('x', 60_000) })]);

        Assert.That((await _server.GetAsync("/api/rejected?limit=1000")).GetProperty("items").GetArrayLength(), Is.InRange(1, 99));
        Assert.That((await _server.GetAllAsync("/api/rejected", 1000)).Select(IdOf), Is.EqualTo(Enumerable.Range(0, 100).Select(i => $"r-{i:00}")));
    }

    [Test]
    public async Task A_body_that_can_be_used_now_is_sent_in_part_and_its_bad_events_are_rejections_of_their_own()
    {
        await _server.RejectAsync(Bought("r-1") with
        {
            Source = "batch", Code = "no-batch", Payload = """{"events": [{"type": "page", "userId": "ann"}, {"type": "page"}, {"type": "page", "userId": "bob"}]}""",
        });

        var report = await AskAsync("resubmit", """{"ids": ["r-1"], "steps": [{"rename": "events", "to": "batch"}]}""");

        Assert.That((Counts(report), report.GetProperty("events").GetInt32(), report.GetProperty("newRejections").GetInt32()), Is.EqualTo(((1, 1, 0, 0), 2, 1)));
        Assert.That(Sender.Sent.Select(each => each.EventId), Is.EqualTo(new[] { "rejected-r-1-0", "rejected-r-1-2" }));
        Assert.That((await _server.GetAllAsync("/api/rejected", 10)).Single().GetProperty("code").GetString(), Is.EqualTo("missing-id"));
    }

    [Test]
    public async Task They_are_discarded_one_by_one_or_by_reason_and_never_by_a_slip()
    {
        await _server.RejectAsync(Bought("r-1"), Bought("r-2"), Bought("r-3") with { Code = "other" }, Bought("r-4") with { Code = "other", Reason = "at byte 1" });

        Assert.That((await DeleteAsync("")).Status, Is.EqualTo(400));
        Assert.That((await DeleteAsync("?all=true&code=other")).Status, Is.EqualTo(400));
        Assert.That((await DeleteAsync("?all=1")).Body, Does.Contain("none of true, false"));
        Assert.That((await DeleteAsync("/r-1")).Status, Is.EqualTo(204));
        Assert.That((await DeleteAsync("/r-1")).Status, Is.EqualTo(404));
        Assert.That(await DeleteAsync("?code=other&pattern=at%20byte%20%23"), Is.EqualTo((200, """{"discarded":1}""")));
        Assert.That(await DeleteAsync("?code=missing-id"), Is.EqualTo((200, """{"discarded":1}""")));
        Assert.That(await DeleteAsync("?all=true"), Is.EqualTo((200, """{"discarded":1}""")));
        Assert.That(Sender.Sent, Is.Empty);
    }

    [TestCase("""{"steps": []}""", 422, "ids", "say which")]
    [TestCase("""{"all": true, "code": "x"}""", 422, "ids", "say which")]
    [TestCase("""{"all": false}""", 422, "ids", "say which")]
    [TestCase("""{"ids": []}""", 422, "ids", "expected 1 to 1000 ids")]
    [TestCase("""{"all": true, "limit": 0}""", 422, "limit", "0 is not from 1 to 10000")]
    [TestCase("""{"all": true, "sample": -1}""", 422, "sample", "-1 is not from 0 to 1000")]
    [TestCase("""{"all": true, "after": "7"}""", 422, "after", "`7` is not a cursor")]
    [TestCase("""{"all": true, "steps": [{"drop": "a"}, {"convert": "b", "to": "money"}]}""", 422, "steps[1].to", "expected one of number")]
    [TestCase("""{"all": true, "stepz": []}""", 400, "stepz", "there is no such field")]
    [TestCase("""{"all": "yes"}""", 400, "all", "it is not what this field takes")]
    [TestCase("""{"all": true, "steps": [{"set": "a", "value": "\ud800"}]}""", 422, "steps", "not valid Unicode")]
    [TestCase("no", 400, "body", "expected a JSON object")]
    public async Task What_is_wrong_with_a_request_is_a_problem_that_names_the_field(string body, int status, string field, string told)
    {
        await _server.RejectAsync(Bought("r-1"));
        foreach (var what in (string[])["preview", "resubmit"])
        {
            using var answer = await PostAsync(what, body);
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
            Assert.That(((int)answer.StatusCode, problem.GetProperty("parameter").GetString()), Is.EqualTo((status, field)));
            Assert.That(problem.GetProperty("detail").GetString(), Does.Contain(told));
        }

        Assert.That(await _server.GetAllAsync("/api/rejected?code=missing-id", 10), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task The_command_does_all_of_it()
    {
        await _server.RejectAsync([.. Enumerable.Range(0, 3).Select(i => Bought($"r-{i}")), Bought("free", total: "\"free\"", user: "7") with { Code = "other" }]);
        using var run = new CommandRun { Variables = { ["TAGGING_URL"] = _server.Client.BaseAddress!.ToString(), ["TAGGING_API_KEY"] = QueryServer.Key } };

        Assert.That((await run.RunAsync("rejected", "groups", "--format", "csv")).Output, Does.StartWith("code,count,firstAt,lastAt,example,pattern\nmissing-id,3,2024-02-01T09:00:00Z,2024-02-01T09:00:00Z,r-0,"));
        Assert.That((await run.RunAsync("rejected", "list", "--code", "other", "--format", "csv")).Output, Does.Contain("\nfree,2024-02-01T09:00:00Z,tracking,,other,"));
        Assert.That((await run.RunAsync("rejected", "show", "free")).Output, Does.Contain("payload     {\"type\"").And.Contain("code        other"));
        Assert.That((await run.RunAsync("rejected", "show", "none")).Error, Is.EqualTo("there is no rejected event `none`\n"));

        string[] steps = ["--rename", "userID=userId", "--convert", "properties.total=number", "--set", "properties.currency=EUR", "--set", "properties.n=5", "--drop", "properties.debug"];
        var preview = await run.RunAsync(["rejected", "preview", "r-0", "r-1", .. steps]);
        Assert.That(preview.Error, Is.Empty);
        Assert.That(preview.Output, Does.Contain("\"currency\":\"EUR\",\"n\":5").And.Contain("steps[4]: there is no `properties.debug`")
            .And.Contain("\"rename\":\"userID\",\"to\":\"userId\"}: applied to 2, not to 0").And.EndWith("selected 2, accepted 2, events 2, rejected 0, failed 0, newRejections 0\n"));
        var resubmitted = await run.RunAsync(["rejected", "resubmit", "--all", .. steps]);
        Assert.That(resubmitted.Output, Does.Contain("1 × not-mended: steps[1]: properties.total: \"free\" cannot be made a number").And.EndWith("selected 4, accepted 3, events 3, rejected 0, failed 1, newRejections 0\n"));
        Assert.That(await Journal.CountAsync(CancellationToken.None), Is.EqualTo(3));

        Assert.That((await run.RunAsync("rejected", "discard", "--code", "other")).Output, Is.EqualTo("discard: 1\n"));
        Assert.That((await run.RunAsync("rejected", "discard", "free")).ExitCode, Is.EqualTo(1));
    }

    [Test]
    public async Task The_command_goes_on_until_all_are_looked_at()
    {
        await _server.RejectAsync([.. Enumerable.Range(0, 1050).Select(i => Bought($"r-{i}"))]);
        using var run = new CommandRun { Variables = { ["TAGGING_URL"] = _server.Client.BaseAddress!.ToString(), ["TAGGING_API_KEY"] = QueryServer.Key } };

        Assert.That((await run.RunAsync("rejected", "preview", "--all", "--rename", "userID=userId", "--sample", "0")).Output, Is.EqualTo(
            "{\"rename\":\"userID\",\"to\":\"userId\"}: applied to 1050, not to 0\nselected 1050, accepted 1050, events 1050, rejected 0, failed 0, newRejections 0\n"));
        Assert.That((await run.RunAsync("rejected", "preview", "--all", "--limit", "1001", "--sample", "0")).Output, Does.EndWith("there are more: --limit ended it here\n"));
    }

    private static RejectedEvent Bought(string id, string user = "\"ann\"", string total = "\"19.90\"", string? timestamp = null) => new()
    {
        Id = id,
        ReceivedAt = FirstReceived,
        Code = "missing-id",
        Reason = "userId or anonymousId: must be given",
        Source = "tracking",
        Payload = $$"""{"type": "track", "userID": {{user}}, "event": "Order Completed", {{(timestamp is null ? "" : $"\"timestamp\": \"{timestamp}\", ")}}"properties": {"total": {{total}} } }""",
    };

    private static string IdOf(JsonElement item) => item.GetProperty("id").GetString()!;

    private static (string?, string?, string?) ReasonOf(JsonElement item) =>
        (item.GetProperty("outcome").GetString(), item.GetProperty("code").GetString(), item.GetProperty("reason").GetString());

    private static (int Selected, int Accepted, int Rejected, int Failed) Counts(JsonElement report) =>
        (report.GetProperty("selected").GetInt32(), report.GetProperty("accepted").GetInt32(), report.GetProperty("rejected").GetInt32(), report.GetProperty("failed").GetInt32());

    private Task<HttpResponseMessage> PostAsync(string what, string body) => _server.Client.PostAsync($"/api/rejected/{what}", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

    private async Task<JsonElement> AskAsync(string what, string body)
    {
        using var answer = await PostAsync(what, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That((int)answer.StatusCode, Is.EqualTo(200), text);
        return JsonElement.Parse(text);
    }

    private async Task<(int Status, string Body)> DeleteAsync(string path)
    {
        using var answer = await _server.Client.DeleteAsync($"/api/rejected{path}");
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>The store, which may be away at the moment when rejections are to be removed.</summary>
    private sealed class InterruptedStore(IRejectedEvents store) : IRejectedEvents
    {
        public bool FailsToRemove { get; set; }

        public Task AddAsync(IReadOnlyList<RejectedEvent> events, CancellationToken cancellationToken) => store.AddAsync(events, cancellationToken);

        public Task<IReadOnlyList<(long Position, RejectedEvent Event)>> ListAsync(RejectionFilter filter, long after, int limit, CancellationToken cancellationToken) =>
            store.ListAsync(filter, after, limit, cancellationToken);

        public Task<IReadOnlyList<RejectionGroup>> GroupAsync(CancellationToken cancellationToken) => store.GroupAsync(cancellationToken);

        public Task<RejectedEvent?> FindAsync(string id, CancellationToken cancellationToken) => store.FindAsync(id, cancellationToken);

        public Task<long> NewestPositionAsync(CancellationToken cancellationToken) => store.NewestPositionAsync(cancellationToken);

        public Task ReplaceReasonAsync(string id, Rejection rejection, string? steps, CancellationToken cancellationToken) => store.ReplaceReasonAsync(id, rejection, steps, cancellationToken);

        public Task<int> RemoveAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
            FailsToRemove ? throw new IOException("as the test wants") : store.RemoveAsync(ids, cancellationToken);

        public Task<long> CountAsync(CancellationToken cancellationToken) => store.CountAsync(cancellationToken);
    }
}
