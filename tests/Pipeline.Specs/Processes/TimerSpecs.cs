namespace TaggingPipeline.Pipeline.Specs.Processes;

[TestFixture, Category("Processes")]
public sealed class When_a_window_slides_past_with_no_further_event
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    private const string Rulebook = """
        rulebook: timer
        tags:
          - key: active
            category: behaviour
            when: exists(browse, 60s)
        segments:
          - key: here-now
            when: tag(active)
        """;

    [Test]
    public async Task The_tag_is_removed_within_a_second_of_that_instant_because_of_time()
    {
        using var folder = new TemporaryFolder();
        await using var server = HostProcess.Standalone(new Dictionary<string, string?>
        {
            ["Store"] = $"sqlite:{folder["tagging.db"]}",
            ["Rulebook"] = folder.Write("rulebook.yaml", Rulebook),
        });
        await server.StartAsync();

        var occurredAt = DateTimeOffset.UtcNow - Window + TimeSpan.FromSeconds(4);
        await Tracking.SendAsync(server, new { userId = "ann", type = "page", name = "Home", timestamp = occurredAt });
        await SeesAsync(server, "tag.added");
        await SeesAsync(server, "segment.exited");
        var seenAt = DateTimeOffset.UtcNow;

        var end = occurredAt + Window;
        var changes = await Tracking.ChangesAsync(server, "ann");
        TestContext.Out.WriteLine($"decided {(changes[2].Time - end).TotalMilliseconds:0} ms after the instant, seen {(seenAt - end).TotalMilliseconds:0} ms after it");
        Assert.That(changes.Select(change => (change.Type, change.Cause)), Is.EqualTo(
            [("tag.added", "event"), ("segment.entered", "event"), ("tag.removed", "time"), ("segment.exited", "time")]));
        Assert.That(changes[0].Data.ChangesAt, Is.EqualTo(end).Within(TimeSpan.FromMilliseconds(1)));
        Assert.That(changes[2].Time - end, Is.InRange(TimeSpan.FromMilliseconds(-1), TimeSpan.FromSeconds(1)));
        Assert.That(seenAt - end, Is.LessThan(TimeSpan.FromSeconds(2)));
    }

    private static Task SeesAsync(HostProcess server, string type) => Eventually.HoldsAsync(
        $"the feed tells of {type}", TimeSpan.FromSeconds(15), async () => (await Tracking.ChangesAsync(server, "ann")).Any(change => change.Type == type));
}
