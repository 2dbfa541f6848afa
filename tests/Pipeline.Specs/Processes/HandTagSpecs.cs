using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using TaggingPipeline.Pipeline.Specs.Brokers;
using TaggingPipeline.Pipeline.Specs.CommandLine;

namespace TaggingPipeline.Pipeline.Specs.Processes;

[TestFixture, Category("Processes")]
public sealed class When_a_tag_is_assigned_by_hand
{
    private const string Rulebook = """
        rulebook: by-hand
        tags:
          - key: loyalty
            category: value
            manual: [gold, silver]
        segments:
          - key: golden
            when: tag(loyalty) = gold
        """;

    [Test]
    public async Task It_stands_in_the_segments_too_and_a_kill_right_after_the_answer_does_not_undo_it()
    {
        using var folder = new TemporaryFolder();
        await using var server = HostProcess.Standalone(new Dictionary<string, string?>
        {
            ["Store"] = $"sqlite:{folder["tagging.db"]}",
            ["Rulebook"] = folder.Write("rulebook.yaml", Rulebook),
        });
        await server.StartAsync();

        using (var answer = await AssignAsync(server, "gold"))
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        await server.Process.KillAsync();
        await server.StartAsync();

        await SeesAsync(server, "segment.entered");
    }

    [Test, Category("RabbitMq")]
    public async Task Projection_as_a_process_of_its_own_hands_it_to_the_evaluators()
    {
        using var folder = new TemporaryFolder();
        var broker = await SharedBroker.GetAsync();
        await using var services = await DistributedServices.StartAsync(new Dictionary<string, string?>
        {
            ["Store"] = $"sqlite:{folder["tagging.db"]}",
            ["Bus"] = await broker.CreateVirtualHostAsync("by-hand"),
            ["Rulebook"] = folder.Write("rulebook.yaml", Rulebook),
        });

        using (var answer = await AssignAsync(services.Projection, "gold"))
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        await SeesAsync(services.Projection, "segment.entered");

        using var run = new CommandRun();
        var released = await run.RunAsync("tags", "release", "王小明/1", "loyalty", "--by", "ben", "--reason", "the fair is over", "--url", services.Projection.Url);
        Assert.That(released.ExitCode, Is.Zero, released.Error);
        Assert.That(released.Output, Does.StartWith("released: loyalty of 王小明/1 (event hand-"));
        await SeesAsync(services.Projection, "segment.exited");
        var refused = await run.RunAsync("tags", "assign", "王小明/1", "loyalti", "--value", "gold", "--by", "ben", "--reason", "r", "--url", services.Projection.Url);
        Assert.That((refused.ExitCode, refused.Error), Is.EqualTo((1, $"{services.Projection.Url}/ answered 422 Unprocessable Entity: key: the rulebook has no tag `loyalti`; did you mean `loyalty`?\n")));
    }

    private static Task<HttpResponseMessage> AssignAsync(HostProcess server, string value) => server.Client.PutAsJsonAsync(
        $"/api/customers/{Uri.EscapeDataString("王小明/1")}/tags/loyalty", new { value, by = "anna", reason = "VIP at the fair" });

    private static Task SeesAsync(HostProcess server, string type) => Eventually.HoldsAsync(
        $"the feed tells of {type}", TimeSpan.FromSeconds(30), async () =>
        {
            using var changes = await server.Client.GetAsync(new Uri("/api/changes", UriKind.Relative));
            var page = await changes.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
            return page.GetProperty("items").EnumerateArray().Any(change => change.GetProperty("type").GetString() == type);
        });
}
