using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

public sealed class WhenAServerIsAsked
{
    private static readonly Dictionary<string, string> Answers = new()
    {
        ["/api/segments"] = """
            {"items":[
              {"key":"win-back","name":"Worth winning back","when":"tag(a)","members":2},
              {"key":"empty, so far","name":"None","when":"tag(b)","members":0}],"next":null}
            """,
        ["/api/segments/win-back"] = """{"key":"win-back","name":"Worth winning back","when":"tag(a)","members":2}""",
        ["/api/segments/win-back/members?limit=1000"] = """{"items":[{"customer":"ana","since":"2024-05-01T10:00:00Z"}],"next":"ana"}""",
        ["/api/segments/win-back/members?limit=1000&after=ana"] = """{"items":[{"customer":"b\"o","since":"2024-05-02T10:00:00Z"}],"next":null}""",
        ["/api/segments/win-back/members"] = "{\"customer\":\"ana\",\"since\":\"2024-05-01T10:00:00Z\"}\n{\"customer\":\"b\\\"o\",\"since\":\"2024-05-02T10:00:00Z\"}\n",
        ["/api/segments/win-back/members?at=2024-05-01T10%3A00%3A00Z"] = "{\"customer\":\"ana\",\"since\":\"2024-05-01T10:00:00Z\"}\n",
        ["/api/segments/broken/members"] = "{\"customer\":\"ana\",\"since\":\"2024-05-01T10:00:00Z\"}\n{\"custo",
        ["/api/segments/win-back/history?from=2024-05-01"] = """
            {"items":[{"date":"2024-05-01","members":1,"entered":2,"exited":1}],"next":null,"timezone":"UTC"}
            """,
        ["/api/segments/win-back/changes?limit=1000&from=2024-05-01T00%3A00%3A00Z"] = """
            {"items":[{"customer":"ana","type":"segment.entered","time":"2024-05-01T10:00:00Z","keySequence":1}],"next":null,"totals":null}
            """,
        ["/api/segments/win-back/overlap"] = """
            {"key":"win-back","members":2,"items":[{"key":"empty","name":"None","members":0,"both":0}],"next":null,"inAll":null}
            """,
        ["/api/customers/a%2F1?explain=all"] = """
            {"id":"a/1","traits":{"age":44},"identities":["a/1"],"firstSeen":"2024-05-01T10:00:00Z","lastSeen":"2024-06-01T10:00:00Z","sequence":3,
             "rulebook":"shop@1","asOf":"2024-06-02T00:00:00Z",
             "tags":[{"key":"value-tier","category":"value","value":"high","since":"2024-05-01T10:00:00Z","changesAt":"2025-05-01T10:00:00Z"}],
             "leftOut":[{"currency":"JPY","events":1},{"currency":"USD","events":3}],"outcomes":[
               {"key":"value-tier","category":"value","value":"high","changesAt":"2025-05-01T10:00:00Z","reason":{"text":"t","events":["o-2","o-1"],
                 "clauses":[{"text":"sum(purchase.total, 365d) >= 1000","actual":1250.50,"threshold":1000,"holds":true}]}},
               {"key":"churn-risk","category":"behaviour","value":null,"changesAt":null,"reason":{"text":"t","events":[],
                 "clauses":[
                   {"text":"none(purchase, 60d)","actual":false,"threshold":null,"holds":false},
                   {"text":"removed by hand by ben: asked for it","actual":null,"threshold":null,"holds":true},
                   {"text":"last(purchase)","actual":null,"threshold":null,"holds":false},
                   {"text":"sum(purchase.total)","actual":1.5,"threshold":null,"holds":false}]}}]}
            """,
        ["/api/population"] = """
            {"every":"1d","nextAt":"2024-05-02T00:00:00Z","scored":["count(purchase)"],"number":3,"takenAt":"2024-05-01T12:00:00Z","arguments":[],
             "snapshot":{"number":42,"takenAt":"2024-05-01T12:00:00Z","arguments":[
               {"argument":"count(purchase)","customers":5,"quintiles":[1.8,2.6,3.4,4.2],"percentiles":[]},{"argument":"trait.age","customers":0,"quintiles":[],"percentiles":[]}]}}
            """,
    };

    private CommandRun _run = null!;
    private ApiStub _server = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _run = new();
        _server = await ApiStub.StartAsync(Answers);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _server.DisposeAsync();
        _run.Dispose();
    }

    [Test]
    public async Task What_customers_are_scored_by_is_shown()
    {
        var shown = await _run.RunAsync("population", "--url", _server.Url, "--format", "csv");

        Assert.That(shown.Error, Is.Empty);
        Assert.That(shown.Output, Is.EqualTo("""
            snapshot,taken_at,argument,customers,20%,40%,60%,80%
            42,2024-05-01T12:00:00Z,count(purchase),5,1.8,2.6,3.4,4.2
            42,2024-05-01T12:00:00Z,trait.age,0,,,,

            """));
        Assert.That((await _run.RunAsync("population", "--url", _server.Url, "--take")).ExitCode, Is.Zero);
    }

    [TestCase("table", """
        KEY            MEMBERS  NAME                WHEN
        win-back       2        Worth winning back  tag(a)
        empty, so far  0        None                tag(b)

        """)]
    [TestCase("csv", """
        key,members,name,when
        win-back,2,Worth winning back,tag(a)
        "empty, so far",0,None,tag(b)

        """)]
    [TestCase("jsonl", """
        {"key":"win-back","members":2,"name":"Worth winning back","when":"tag(a)"}
        {"key":"empty, so far","members":0,"name":"None","when":"tag(b)"}

        """)]
    public async Task Segments_are_listed_with_their_counts(string format, string expected)
    {
        var ending = await AskAsync("segments", "--format", format);

        Assert.Multiple(() =>
        {
            Assert.That(ending.Output, Is.EqualTo(expected));
            Assert.That(ending.Error, Is.Empty);
            Assert.That(ending.ExitCode, Is.Zero);
        });
    }

    [Test]
    public async Task Members_of_a_segment_are_listed_page_after_page()
    {
        var ending = await AskAsync("segments", "win-back", "--format", "csv");

        Assert.That(ending.Output, Is.EqualTo("customer,since\nana,2024-05-01T10:00:00Z\n\"b\"\"o\",2024-05-02T10:00:00Z\n"));
    }

    [TestCase(new[] { "export", "win-back" }, "customer,since\nana,2024-05-01T10:00:00Z\n\"b\"\"o\",2024-05-02T10:00:00Z\n")]
    [TestCase(new[] { "export", "win-back", "--format", "jsonl", "--at", "2024-05-01T11:00:00+01:00" }, "{\"customer\":\"ana\",\"since\":\"2024-05-01T10:00:00Z\"}\n")]
    [TestCase(new[] { "history", "win-back", "--from", "2024-05-01", "--format", "csv" }, "date,members,entered,exited\n2024-05-01,1,2,1\n")]
    [TestCase(new[] { "changes", "win-back", "--from", "2024-05-01T00:00:00Z", "--format", "csv" }, "time,customer,type,keySequence\n2024-05-01T10:00:00Z,ana,segment.entered,1\n")]
    [TestCase(new[] { "overlap", "win-back", "--format", "csv" }, "key,members,both,name\nempty,0,0,None\n")]
    public async Task Segments_are_looked_into(string[] arguments, string expected)
    {
        var ending = await AskAsync(["segments", .. arguments]);

        Assert.Multiple(() =>
        {
            Assert.That(ending.Output, Is.EqualTo(expected));
            Assert.That(ending.Error, Is.Empty);
            Assert.That(ending.ExitCode, Is.Zero);
        });
    }

    [Test]
    public async Task An_export_into_a_file_appears_when_it_is_whole_and_otherwise_not_at_all()
    {
        var file = _run.Write("members.csv", "as it was");

        var broken = await AskAsync("segments", "export", "broken", "--output", file);
        Assert.That((broken.ExitCode, File.ReadAllText(file)), Is.EqualTo((1, "as it was")));
        Assert.That(broken.Error, Does.Contain("did not answer with lines of JSON"));

        var whole = await AskAsync("segments", "export", "win-back", "--output", file);
        Assert.That((whole.ExitCode, whole.Output), Is.EqualTo((0, "")));
        Assert.That(File.ReadAllText(file), Is.EqualTo("customer,since\nana,2024-05-01T10:00:00Z\n\"b\"\"o\",2024-05-02T10:00:00Z\n"));
        Assert.That(Directory.GetFiles(_run.Folder), Is.EqualTo(new[] { file }));
    }

    [Test]
    public async Task An_export_that_is_cut_off_between_two_members_has_failed()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var connection = await listener.AcceptTcpClientAsync();
            var stream = connection.GetStream();
            _ = await stream.ReadAsync(new byte[4096]);
            const string Line = "{\"customer\":\"ana\",\"since\":\"2024-05-01T10:00:00Z\"}\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n{Line.Length:x}\r\n{Line}\r\n"));
        });

        var ending = await _run.RunAsync("segments", "export", "win-back", "--url", $"http://{listener.LocalEndpoint}");

        await serving;
        Assert.That((ending.ExitCode, ending.Error.Contains("ended before all was told", StringComparison.Ordinal)), Is.EqualTo((1, true)), ending.Error);
    }

    [Test]
    public async Task A_customer_is_explained_for_a_marketer_to_read()
    {
        var ending = await AskAsync("explain", "a/1");

        Assert.That(ending.Output, Is.EqualTo("""
            Customer a/1, by rulebook shop@1
              seen from 2024-05-01 10:00:00 UTC to 2024-06-01 10:00:00 UTC
              age: 44
              left out: the amounts of 1 event in JPY, for which the rulebook has no rate
              left out: the amounts of 3 events in USD, for which the rulebook has no rate

            Has
              value-tier = high  (value), since 2024-05-01 10:00:00 UTC; changes on 2025-05-01 10:00:00 UTC if nothing more happens
                yes sum(purchase.total, 365d) >= 1000: found 1250.50
                    by the events o-2, o-1

            Does not have
              churn-risk  (behaviour)
                no  none(purchase, 60d)
                    removed by hand by ben: asked for it
                    last(purchase): found nothing
                    sum(purchase.total): found 1.5

            """));
    }

    [Test]
    public async Task One_tag_can_be_explained_alone()
    {
        var ending = await AskAsync("explain", "a/1", "churn-risk");

        Assert.That(ending.Output, Does.Contain("churn-risk").And.Not.Contain("value-tier"));
    }

    [TestCase(new[] { "explain", "nobody" }, "there is no customer `nobody`")]
    [TestCase(new[] { "explain", "a/1", "churn-rsk" }, "the rulebook has no tag `churn-rsk`; did you mean `churn-risk`?")]
    [TestCase(new[] { "segments", "none" }, "there is no segment `none`")]
    [TestCase(new[] { "segments", "export", "none" }, "answered 404")]
    [TestCase(new[] { "segments", "history", "none" }, "there is no segment `none`")]
    [TestCase(new[] { "segments", "export", "win-back", "--output", "/nowhere/at/all.csv" }, "--output: /nowhere/at/all.csv cannot be written")]
    [TestCase(new[] { "segments", "--api-key", "wrong" }, "answered 401")]
    public async Task What_is_not_there_is_told_on_standard_error(string[] arguments, string told)
    {
        var ending = await AskAsync(arguments);

        Assert.Multiple(() =>
        {
            Assert.That(ending.Error, Does.Contain(told));
            Assert.That(ending.Output, Is.Empty);
            Assert.That(ending.ExitCode, Is.EqualTo(1));
        });
    }

    [Test]
    public async Task A_server_that_is_not_there_is_told()
    {
        var ending = await _run.RunAsync("segments", "--url", "http://127.0.0.1:9");

        Assert.Multiple(() =>
        {
            Assert.That(ending.Error, Does.Contain("cannot be reached").And.Contain("tagging serve"));
            Assert.That(ending.ExitCode, Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Address_and_key_come_from_the_environment_too()
    {
        _run.Variables["TAGGING_URL"] = _server.Url;
        var accepted = await _run.RunAsync("segments");
        _run.Variables["TAGGING_API_KEY"] = "wrong";
        var refused = await _run.RunAsync("segments");

        Assert.That((accepted.ExitCode, refused.ExitCode), Is.EqualTo((0, 1)));
    }

    private Task<Ending> AskAsync(params string[] arguments) => _run.RunAsync([.. arguments, "--url", _server.Url]);
}
