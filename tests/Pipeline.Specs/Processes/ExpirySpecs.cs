using System.Net.Http.Json;
using System.Text.Json;

namespace TaggingPipeline.Pipeline.Specs.Processes;

[TestFixture, Category("Processes")]
public sealed class When_a_value_ends_so_long_after_it_was_assigned
{
    private const string Rulebook = """
        rulebook: expiry
        tags:
          - key: welcome
            category: behaviour
            expires: 6s
            when: exists(browse)
        """;

    [Test]
    public async Task The_tag_is_removed_then_and_not_assigned_again_though_the_process_was_killed_in_between()
    {
        using var folder = new TemporaryFolder();
        await using var server = HostProcess.Standalone(new Dictionary<string, string?>
        {
            ["Store"] = $"sqlite:{folder["tagging.db"]}",
            ["Rulebook"] = folder.Write("rulebook.yaml", Rulebook),
        });
        await server.StartAsync();

        await Tracking.SendAsync(server, new { userId = "ann", type = "page", name = "Home" });
        await SeesAsync(server, "tag.added");
        await server.Process.KillAsync();
        await server.StartAsync();
        await SeesAsync(server, "tag.removed");
        await Tracking.SendAsync(server, new { userId = "ann", type = "page", name = "Home" });

        var changes = await Tracking.ChangesAsync(server, "ann");
        Assert.That(changes.Select(change => (change.Type, change.Cause)), Is.EqualTo([("tag.added", "event"), ("tag.removed", "time")]));
        Assert.That(changes[0].Data.ChangesAt, Is.EqualTo(changes[0].Time + TimeSpan.FromSeconds(6)));
        Assert.That(changes[1].Data.Reason.Text, Does.StartWith("ended 6s after "));
        using var answer = await server.Client.GetAsync(new Uri("/api/customers/ann/events?order=oldest", UriKind.Relative));
        var events = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("items").EnumerateArray();
        Assert.That(events.Select(each => each.GetProperty("kind").GetString()), Is.EqualTo(new[] { "browse", "assignment", "browse" }));
    }

    private static Task SeesAsync(HostProcess server, string type) => Eventually.HoldsAsync(
        $"the feed tells of {type}", TimeSpan.FromSeconds(20), async () => (await Tracking.ChangesAsync(server, "ann")).Any(change => change.Type == type));
}
