
namespace TaggingPipeline.Pipeline.Specs.Processes;

[TestFixture, Category("Processes")]
public sealed class When_the_rulebook_file_changes
{
    private const string Before = """
        rulebook: reloaded
        tags:
          - key: visitor
            category: behaviour
            when: count(browse) >= 1
        """;

    private const string After = """
        rulebook: reloaded
        tags:
          - key: visitor
            category: behaviour
            when: count(browse) >= 2
          - key: seen
            category: behaviour
            when: exists(browse)
        """;

    [Test]
    public async Task One_with_errors_is_refused_and_a_sound_one_comes_into_force()
    {
        using var folder = new TemporaryFolder();
        var rulebook = folder.Write("rulebook.yaml", Before);
        await using var server = HostProcess.Standalone(new Dictionary<string, string?> { ["Store"] = $"sqlite:{folder["tagging.db"]}", ["Rulebook"] = rulebook });
        await server.StartAsync();
        await Tracking.SendAsync(server, new { userId = "ann", type = "page", name = "Home" });
        await HasTagsAsync(server, "visitor");

        await File.WriteAllTextAsync(rulebook, BrokenRulebook.Text);
        await Eventually.HoldsAsync("the refusal is logged", TimeSpan.FromSeconds(15), () => Task.FromResult(server.Process.Output.Contains("was refused", StringComparison.Ordinal)));
        Assert.That(server.Process.Output.Split('\n'), Has.Exactly(BrokenRulebook.Errors).Contains($"{rulebook}:"));
        await Tracking.SendAsync(server, new { userId = "bob", type = "page", name = "Home" });
        await HasTagsAsync(server, "visitor", customer: "bob");

        await File.WriteAllTextAsync(rulebook, After);
        await HasTagsAsync(server, "seen");
        await Eventually.HoldsAsync("the feed tells of what the new rulebook removed", TimeSpan.FromSeconds(15), async () =>
            (await Tracking.ChangesAsync(server, "ann")).Any(change => (change.Data.Key, change.Type, change.Cause) == ("visitor", "tag.removed", "rulebook")));
    }

    private static Task HasTagsAsync(HostProcess server, string tags, string customer = "ann") => Eventually.HoldsAsync(
        $"{customer} has the tags {tags}", TimeSpan.FromSeconds(15), async () => string.Join(' ', await Tracking.TagsAsync(server, customer)) == tags);
}
