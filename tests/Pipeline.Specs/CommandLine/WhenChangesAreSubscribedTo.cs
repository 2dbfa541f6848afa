using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Pipeline.Specs.Projection;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

public sealed class WhenChangesAreSubscribedTo
{
    private CommandRun _run = null!;
    private QueryServer _server = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _run = new() { Variables = { ["TAGGING_API_KEY"] = QueryServer.Key } };
        _server = await QueryServer.StartAsync(Rulebooks.WithSegments(("best", "tag(vip)")));
        _run.Variables["TAGGING_URL"] = _server.Client.BaseAddress!.ToString();
        var ann = new ToldCustomer("ann");
        await _server.ProjectAsync(ann.Tells(("vip", true), ("tier", "low")), ann.Tells(("tier", "high")), ann.Tells(("tier", null)));
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _server.DisposeAsync();
        _run.Dispose();
    }

    [Test]
    public async Task A_change_is_a_line_for_a_person_to_read()
    {
        var shown = await _run.RunAsync("subscribe", "--after", "0", "--count", "5");

        Assert.That((shown.ExitCode, shown.Error), Is.EqualTo((0, "")));
        Assert.That(shown.Output, Is.EqualTo("""
            2024-03-01T12:01:00Z  ann  tag.added  vip  because of event: because of 1
            2024-03-01T12:01:00Z  ann  tag.added  tier = low  because of event: because of 2
            2024-03-01T12:01:00Z  ann  segment.entered  best  because of event: tag(vip) is true
            2024-03-01T12:02:00Z  ann  tag.changed  tier = high (was low)  because of event: because of 3
            2024-03-01T12:03:00Z  ann  tag.removed  tier (was high)  because of event: because of 4

            """));
    }

    [Test]
    public async Task Or_its_envelope_as_a_line_of_JSON()
    {
        var shown = await _run.RunAsync("subscribe", "--after", "0", "--count", "1", "--segment", "best", "--format", "jsonl");

        var kept = await _server.GetAsync("/api/changes?segment=best");
        Assert.That(shown.Output, Is.EqualTo(kept.GetProperty("items")[0].GetRawText() + "\n"));
    }

    [Test]
    public async Task It_goes_on_where_its_file_says()
    {
        var state = Path.Combine(_run.Folder, "position");
        string[] arguments = ["subscribe", "--after", "0", "--key", "tier", "--count", "1", "--state", state, "--format", "jsonl"];
        var seen = new List<string>();
        for (var i = 0; i < 3; i++)
            seen.Add((await _run.RunAsync(arguments)).Output.Split("\"id\":\"")[1].Split('"')[0]);

        Assert.That(seen, Is.EqualTo(new[] { "ann:tag:2", "ann:tag:3", "ann:tag:4" }));
        Assert.That(File.ReadAllText(state), Is.EqualTo("5\n"));
    }

    [TestCase("--type tag.lost", "`tag.lost` is none of tag.added")]
    [TestCase("--after 4000", "the feed has not come to 4000 yet, only to 5")]
    [TestCase("--api-key wrong", "answered 401")]
    [TestCase("--url http://127.0.0.1:9", "cannot be reached")]
    public async Task What_the_server_refuses_is_told_at_once(string option, string told)
    {
        var ending = await _run.RunAsync(["subscribe", .. option.Split(' ')]);

        Assert.That((ending.ExitCode, ending.Output), Is.EqualTo((1, "")));
        Assert.That(ending.Error, Does.Contain(told));
    }

    [Test]
    public async Task A_file_that_is_none_of_its_own_is_refused()
    {
        var ending = await _run.RunAsync("subscribe", "--state", _run.Write("notes", "remember the milk"));

        Assert.That(ending.ExitCode, Is.EqualTo(1));
        Assert.That(ending.Error, Does.Contain("holds no position"));
    }

    [Test]
    public async Task A_connection_that_ends_is_opened_again_behind_what_came()
    {
        var asked = new ConcurrentQueue<string>();
        string[] answers = ["id: 7\n\n", "id: 8\nevent: tag.added\ndata: {\"n\":1}\n\nid: 12\n\nid: 13\ndata: {\"cut", "busy", "id: 13\ndata: {\"n\":2}\n\n"];
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var stub = builder.Build();
        stub.Run(async context =>
        {
            asked.Enqueue($"{context.Request.Path}{context.Request.QueryString} {context.Request.Headers["Last-Event-ID"]}");
            var answer = answers[asked.Count - 1];
            context.Response.StatusCode = answer == "busy" ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
            await context.Response.WriteAsync(answer);
        });
        await stub.StartAsync();

        var shown = await _run.RunAsync("subscribe", "--url", stub.Urls.Single(), "--customer", "a b", "--count", "2", "--format", "jsonl");

        Assert.That(shown.Output, Is.EqualTo("{\"n\":1}\n{\"n\":2}\n"));
        Assert.That(asked, Is.EqualTo(new[]
        {
            "/api/changes/stream?customer=a%20b ", "/api/changes/stream?customer=a%20b 7", "/api/changes/stream?customer=a%20b 12", "/api/changes/stream?customer=a%20b 12",
        }));
        Assert.That(shown.Error, Does.Contain("the connection ended; connecting again").And.Contain("answered 503"));
    }
}
