using System.Text.Json;
using TaggingPipeline.Pipeline.Specs.CommandLine;

namespace TaggingPipeline.Pipeline.Specs.Projection;

/// <summary>Segments in the past, day by day, between two instants, beside each other, and as a stream.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class WhenSegmentsAreAskedFor
{
    private readonly ToldCustomer _ann = new("ann");
    private readonly ToldCustomer _bob = new("bob, jr.");
    private QueryServer _server;

    /// <summary>Ann is in best from minute 1 to 3 and from 4 on, Bob from 1 on; Bob is in high, too, from 2 on.</summary>
    [SetUp]
    public async Task SetUp()
    {
        _server = await QueryServer.StartAsync(Rulebooks.WithSegments(("best", "tag(vip)"), ("high", "tag(tier) = high"), ("empty", "tag(at-risk)")));
        _server.Clock.Now = ToldCustomer.Start.AddHours(1);
        await _server.ProjectAsync(
            _ann.Tells(("vip", true)), _ann.Tells(("spent", 1)), _ann.Tells(("vip", null)), _ann.Tells(("vip", true)), _bob.Tells(("vip", true)), _bob.Tells(("tier", "high")));
    }

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [TestCase("2024-03-01T12:00:59.999Z", "")]
    [TestCase("2024-03-01T12:01:00Z", "ann@12:01 bob, jr.@12:01")]
    [TestCase("2024-03-01T13:02:59.999%2B01:00", "ann@12:01 bob, jr.@12:01")]
    [TestCase("2024-03-01T12:03:00Z", "bob, jr.@12:01")]
    [TestCase("2024-03-01T12:04:00Z", "ann@12:04 bob, jr.@12:01")]
    [TestCase("2034-03-01T12:04:00Z", "ann@12:04 bob, jr.@12:01")]
    public async Task Members_are_those_of_the_instant_asked_for(string at, string expected)
    {
        var pages = await _server.GetAllAsync($"/api/segments/best/members?at={at}", limit: 1);

        Assert.That(string.Join(' ', pages.Select(member => $"{member.GetProperty("customer")}@{member.GetProperty("since").GetDateTimeOffset():HH:mm}")), Is.EqualTo(expected));
    }

    [Test]
    public async Task Every_page_of_members_tells_the_position_that_the_first_was_given()
    {
        var first = await _server.GetAsync("/api/segments/best/members?limit=1");
        var newest = (await _server.GetAsync("/api/changes")).GetProperty("next").GetString();
        await _server.ProjectAsync(_bob.Tells(("spent", 5)));
        var second = await _server.GetAsync($"/api/segments/best/members?limit=1&after={Uri.EscapeDataString(first.GetProperty("next").GetString()!)}");

        Assert.That(first.GetProperty("position").GetString(), Is.EqualTo(newest));
        Assert.That(second.GetProperty("position").GetString(), Is.EqualTo(newest));
        Assert.That(second.GetProperty("items")[0].GetProperty("customer").GetString(), Is.EqualTo("bob, jr."));
        Assert.That((await _server.GetAsync("/api/segments/best/members?at=2024-03-01T12:01:00Z")).GetProperty("position").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task Members_are_lines_of_JSON_for_who_accepts_that()
    {
        var (all, headers) = await _server.GetAsync("/api/segments/best/members", "application/x-ndjson");
        var (past, pastHeaders) = await _server.GetAsync("/api/segments/best/members?at=2024-03-01T12:01:00Z&limit=1", "application/x-ndjson");

        Assert.That(all, Is.EqualTo(
            "{\"customer\":\"ann\",\"since\":\"2024-03-01T12:04:00Z\"}\n{\"customer\":\"bob, jr.\",\"since\":\"2024-03-01T12:01:00Z\"}\n"));
        Assert.That(headers.GetValues("Feed-Position").Single(), Is.EqualTo("11"));
        Assert.That(past, Is.EqualTo("{\"customer\":\"ann\",\"since\":\"2024-03-01T12:01:00Z\"}\n"));
        var next = pastHeaders.GetValues("Link").Single().Split('<', '>')[1];
        Assert.That((await _server.GetAsync(next, "text/csv")).Text, Is.EqualTo("customer,since\r\n\"bob, jr.\",2024-03-01T12:01:00Z\r\n"));
        Assert.That((await _server.GetAsync("/api/segments/empty/members", "application/x-ndjson")).Text, Is.Empty);
    }

    [Test]
    public async Task Days_tell_how_many_there_were_at_their_end_and_how_many_came_and_went()
    {
        _server.Clock.Now = ToldCustomer.Start.AddDays(3);
        await _server.ProjectAsync(new ToldCustomer("cleo").Tells(("vip", true)));

        var history = await _server.GetAsync("/api/segments/best/history?from=2024-02-29&to=2024-03-09");

        Assert.That(history.GetRawText(), Is.EqualTo(
            """
            {"items":[{"date":"2024-02-29","members":0,"entered":0,"exited":0},{"date":"2024-03-01","members":3,"entered":4,"exited":1},
            {"date":"2024-03-02","members":3,"entered":0,"exited":0},{"date":"2024-03-03","members":3,"entered":0,"exited":0},
            {"date":"2024-03-04","members":3,"entered":0,"exited":0}],"next":null,"timezone":"UTC"}
            """.ReplaceLineEndings("")));
        var latest = await _server.GetAsync("/api/segments/best/history");
        Assert.That(latest.GetProperty("items").GetArrayLength(), Is.EqualTo(31));
        Assert.That(latest.GetProperty("items")[30].GetProperty("members").GetInt64(), Is.EqualTo(3));
        Assert.That((await _server.GetAsync("/api/segments/best/history?from=2024-03-02&to=2024-03-02")).GetProperty("items")[0].GetProperty("members").GetInt64(),
            Is.EqualTo(3), "those who entered before the first day count");
        Assert.That((await _server.GetAsync("/api/segments/best/history?from=2024-03-10")).GetProperty("items").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task Changes_between_two_instants_come_in_pages_with_their_totals()
    {
        const string Path = "/api/segments/best/changes?from=2024-03-01T12:01:00Z&to=2024-03-01T12:04:00Z";
        var between = await _server.GetAsync(Path);
        var all = await _server.GetAllAsync("/api/segments/best/changes?from=2024-03-01T12:00:00Z", limit: 1);

        Assert.That(between.GetRawText(), Is.EqualTo(
            """
            {"items":[{"customer":"ann","type":"segment.exited","time":"2024-03-01T12:03:00Z","keySequence":2},
            {"customer":"ann","type":"segment.entered","time":"2024-03-01T12:04:00Z","keySequence":3}],"next":null,"totals":{"entered":1,"exited":1,"net":0}}
            """.ReplaceLineEndings("")));
        Assert.That(all.Select(change => $"{change.GetProperty("customer")} {change.GetProperty("keySequence")}"), Is.EqualTo(new[] { "ann 1", "bob, jr. 1", "ann 2", "ann 3" }));
        Assert.That((await _server.GetAsync($"{Path}&after=0.1.a")).GetProperty("totals").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task Overlaps_tell_how_many_are_in_other_segments_too()
    {
        Assert.That((await _server.GetAsync("/api/segments/best/overlap")).GetRawText(), Is.EqualTo(
            """
            {"key":"best","members":2,"items":[{"key":"high","name":"high","members":1,"both":1},{"key":"empty","name":"empty","members":0,"both":0}],"next":null,"inAll":null}
            """));
        Assert.That((await _server.GetAsync("/api/segments/high/overlap?with=best")).GetRawText(), Is.EqualTo(
            """{"key":"high","members":1,"items":[{"key":"best","name":"best","members":2,"both":1}],"next":null,"inAll":1}"""));
        Assert.That((await _server.GetAsync("/api/segments/high/overlap?with=best,empty")).GetProperty("inAll").GetInt64(), Is.Zero);
    }

    [TestCase("export best --at 2024-03-01T12:03:00Z", "customer,since\n\"bob, jr.\",2024-03-01T12:01:00Z\n")]
    [TestCase("export best --format jsonl --at 2024-03-01T12:03:00Z", "{\"customer\":\"bob, jr.\",\"since\":\"2024-03-01T12:01:00Z\"}\n")]
    [TestCase("export empty", "customer,since\n")]
    [TestCase("history best --from 2024-03-01 --format csv", "date,members,entered,exited\n2024-03-01,2,3,1\n")]
    [TestCase("changes best --from 2024-03-01T12:03:00Z --format csv", "time,customer,type,keySequence\n2024-03-01T12:04:00Z,ann,segment.entered,3\n")]
    [TestCase("overlap high --format csv", "key,members,both,name\nbest,2,1,best\nempty,0,0,empty\n")]
    public async Task The_command_line_tells_what_the_server_says(string line, string expected)
    {
        using var command = new CommandRun();

        var ending = await command.RunAsync(["segments", .. line.Split(' '), "--url", _server.Client.BaseAddress!.ToString(), "--api-key", QueryServer.Key]);

        Assert.That((ending.ExitCode, ending.Output, ending.Error), Is.EqualTo((0, expected, "")));
    }

    [TestCase("/api/segments/bets/history", 404, "key", "did you mean `best`?")]
    [TestCase("/api/segments/bets/changes?from=2024-03-01T12:00:00Z", 404, "key", "did you mean `best`?")]
    [TestCase("/api/segments/bets/overlap", 404, "key", "did you mean `best`?")]
    [TestCase("/api/segments/best/overlap?with=hihg", 400, "with", "did you mean `high`?")]
    [TestCase("/api/segments/best/overlap?with=a,b,c,d,e,f,g,h,i,j,k", 400, "with", "at most 10")]
    [TestCase("/api/segments/best/members?at=yesterday", 400, "at", "`yesterday` is not an instant")]
    [TestCase("/api/segments/best/members?at=", 400, "at", "is not an instant")]
    [TestCase("/api/segments/best/members?at=2024-03-01", 400, "at", "is not an instant")]
    [TestCase("/api/segments/best/members?after=ann", 400, "after", "`ann` is not a cursor")]
    [TestCase("/api/segments/best/members?after=", 400, "after", "is not a cursor")]
    [TestCase("/api/segments/best/members?after=5.", 400, "after", "is not a cursor")]
    [TestCase("/api/segments/best/members?after=-5.ann", 400, "after", "is not a cursor")]
    [TestCase("/api/segments/best/members?after=%405.ann", 400, "after", "is not a cursor")]
    [TestCase("/api/segments/best/members?after=5.ann&at=2024-03-01T12:00:00Z", 400, "after", "is not a cursor")]
    [TestCase("/api/segments/best/members?after=%405.ann&at=2024-03-01T12:00:00Z", 400, "after", "is not a cursor")]
    [TestCase("/api/segments/best/history?from=2024-13-01", 400, "from", "`2024-13-01` is not a date")]
    [TestCase("/api/segments/best/history?to=1600-01-01", 400, "to", "is not a date")]
    [TestCase("/api/segments/best/history?from=2024-02-01&to=2024-01-01", 400, "from", "up to that day")]
    [TestCase("/api/segments/best/history?from=2022-02-01&to=2024-01-01", 400, "from", "365 days before")]
    [TestCase("/api/segments/best/changes", 400, "from", "is not an instant")]
    [TestCase("/api/segments/best/changes?from=2024-03-01T12:00:00Z&to=now", 400, "to", "`now` is not an instant")]
    [TestCase("/api/segments/best/changes?from=2024-03-01T12:00:00Z&to=2024-03-01T11:00:00Z", 400, "to", "not before `from`")]
    [TestCase("/api/segments/best/changes?from=2024-03-01T12:00:00Z&after=1.ann", 400, "after", "is not a cursor")]
    [TestCase("/api/segments/best/changes?from=2024-03-01T12:00:00Z&after=9999999999999999.1.ann", 400, "after", "is not a cursor")]
    [TestCase("/api/segments/best/changes?from=2024-03-01T12:00:00Z&limit=0", 400, "limit", "from 1 to 1000")]
    [TestCase("/api/snapshot?after=ann", 400, "after", "is not a cursor")]
    [TestCase("/api/snapshot?limit=5000", 400, "limit", "from 1 to 1000")]
    [TestCase("/api/snapshot?at=2024-03-01T12:00:00Z", 400, "at", "as of an earlier instant")]
    public async Task What_cannot_be_answered_is_a_problem_that_names_the_parameter(string path, int status, string parameter, string hint)
    {
        var problem = await _server.GetProblemAsync(path);

        Assert.That((problem.Status, problem.Parameter), Is.EqualTo((status, parameter)));
        Assert.That(problem.Detail, Does.Contain(hint));
    }
}
