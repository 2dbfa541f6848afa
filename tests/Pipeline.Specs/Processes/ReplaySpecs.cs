using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Pipeline.Specs.CommandLine;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Storage.Sqlite;

namespace TaggingPipeline.Pipeline.Specs.Processes;

[TestFixture, Category("Processes")]
public sealed class When_a_running_server_replays
{
    private const string Rulebook = """
        rulebook: replayed
        tags:
          - key: buyer
            category: value
            value: count(purchase)
          - key: looker
            category: behaviour
            when: exists(browse)
        segments:
          - key: lookers
            when: tag(looker)
        """;

    [Test]
    public async Task The_command_finds_what_is_wrong_names_it_between_two_servers_and_mends_it()
    {
        using var folder = new TemporaryFolder();
        var store = folder["tagging.db"];
        await using var server = Server(folder, store);
        await server.StartAsync();
        foreach (var customer in Enumerable.Range(0, 130).Select(number => $"customer-{number:000}"))
            await Tracking.SendAsync(server, new { userId = customer, type = "page", name = "Home" });
        await Tracking.SendAsync(server, new { userId = "customer-007", type = "track", @event = "Order Completed", properties = new { order_id = "o", total = 3 } });
        using var run = new CommandRun();
        Task<Ending> RunAsync(params string[] arguments) => run.RunAsync([.. arguments, "--url", server.Url]);

        var clean = await RunAsync("replay");
        Assert.That((clean.ExitCode, clean.Output), Is.EqualTo((0, clean.Output)), clean.Error + clean.Output);
        Assert.That(clean.Output, Does.Contain("same      130\n").And.Contain("different 0, nothing written\n").And.Contain(" live, equal\n"));

        var typo = await RunAsync("replay", "--customer", "customer-007", "Customer-007");
        Assert.That(typo.ExitCode, Is.EqualTo(1), "nothing was rebuilt of whom nobody knows");
        Assert.That(typo.Output, Does.Contain("same      1\n").And.Contain("Customer-007: there is neither an event nor a document of this customer\n"));

        // A copy of the store in which one tag is wrong.
        await server.Process.KillAsync();
        foreach (var part in (string[])["", "-wal"])
            File.Copy(store + part, folder["copy.db"] + part);
        await SpoilAsync(folder["copy.db"], "customer-007", "buyer", Value.Of(9));
        await server.StartAsync();
        await using var copy = Server(folder, folder["copy.db"]);
        await copy.StartAsync();
        var compared = await RunAsync("digest", "--against", copy.Url);
        Assert.That(compared.ExitCode, Is.EqualTo(1), compared.Error);
        var lines = compared.Output.TrimEnd().Split('\n');
        Assert.That(lines, Has.Length.EqualTo(3));
        Assert.That(lines[0], Does.Match("^[0-9a-f]{32} 130 customers as of .* under replayed@"));
        Assert.That(lines[2], Does.StartWith("customer-007: "));

        Task<Ending> RunOverCopyAsync(params string[] arguments) => run.RunAsync([.. arguments, "--url", copy.Url]);
        var dry = await RunOverCopyAsync("replay");
        Assert.That(dry.ExitCode, Is.EqualTo(1), "something differs and was not written");
        Assert.That(dry.Output, Does.Contain("different 1, nothing written\n").And.Contain("tag buyer: 0 gained, 0 lost, 1 changed\n  customer-007: buyer 9 → 1\n"));
        var applied = await RunOverCopyAsync("replay", "--apply");
        Assert.That((applied.ExitCode, applied.Error), Is.EqualTo((0, applied.Error)), applied.Output);
        Assert.That(applied.Output, Does.Contain("different 1, 1 written\n"));
        await Eventually.HoldsAsync("the change is told", TimeSpan.FromSeconds(20), async () =>
            (await Tracking.ChangesAsync(copy, "customer-007")).Any(change => change is { Cause: "replay", Data.Run: not null }));
        var equal = await RunAsync("digest", "--against", copy.Url);
        Assert.That((equal.ExitCode, equal.Output.TrimEnd().Split('\n')[^1]), Is.EqualTo((0, "equal")), equal.Error + equal.Output);

        var list = await RunOverCopyAsync("replay", "list", "--format", "csv");
        Assert.That(list.Output.Split('\n')[1], Does.Match("^replay-[0-9]{8}-[0-9]{6}-[0-9a-f]{6},done,true,130,1,1,0$"));
    }

    [Test]
    public async Task Wrong_use_is_told_by_the_name_of_the_field()
    {
        using var folder = new TemporaryFolder();
        await using var server = Server(folder, folder["tagging.db"]);
        await server.StartAsync();

        foreach (var (body, parameter) in new (object, string)[]
        {
            (new { apply = true, at = "2024-01-01T00:00:00Z" }, "at"), (new { at = "yesterday" }, "at"), (new { at = "2990-01-01T00:00:00Z" }, "at"),
            (new { apply = true, rulebook = Rulebook }, "rulebook"), (new { rulebook = "tags: 3" }, "content"), (new { changes = "some", apply = true }, "changes"),
            (new { changes = "none" }, "changes"), (new { customers = new[] { "a" }, segment = "lookers" }, "segment"), (new { segment = "loopers" }, "segment"),
            (new { customers = Array.Empty<string>() }, "customers"), (new { rate = -1 }, "rate"), (new { parts = 0 }, "parts"), (new { aply = true }, "aply"),
        })
        {
            using var answer = await server.Client.PostAsJsonAsync("/api/replays", body);
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
            Assert.That((int)answer.StatusCode, Is.AnyOf(400, 422), problem.ToString());
            Assert.That(problem.GetProperty("parameter").GetString(), Is.EqualTo(parameter), problem.ToString());
        }

        foreach (var (path, status) in new[]
        {
            ("/api/replays/none", 404), ("/api/replays/none/differences", 404), ("/api/digest?parts=0", 400), ("/api/digest?at=now", 400), ("/api/digest?after=b&until=a", 400),
            ("/api/customers/ann/tags?by=journal", 400), ("/api/customers/ann/tags?at=2024-01-01T00:00:00Z&by=heart", 400), ("/api/segments/lookers/members?verify=true", 400),
        })
        {
            using var answer = await server.Client.GetAsync(path);
            Assert.That((int)answer.StatusCode, Is.EqualTo(status), path);
        }

        using var run = new CommandRun();
        Assert.That((await run.RunAsync("replay", "--apply", "--dry-run")).ExitCode, Is.EqualTo(2));
        Assert.That((await run.RunAsync("replay", "watch", "none", "--url", server.Url)).Error, Is.EqualTo("there is no replay `none` (`tagging replay list` lists them)\n"));
        using var begun = await server.Client.PostAsJsonAsync("/api/replays", new { });
        Assert.That(begun.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        var id = (await begun.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        await Eventually.HoldsAsync("it is done", TimeSpan.FromSeconds(20), async () =>
            (await server.Client.GetFromJsonAsync<JsonElement>($"/api/replays/{id}")).GetProperty("state").GetString() == "done");
        foreach (var action in (string[])["pause", "resume", "cancel"])
        {
            using var answer = await server.Client.PostAsync($"/api/replays/{id}/{action}", null);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Conflict), action);
        }
    }

    [Test]
    public async Task A_kill_in_the_middle_is_gone_on_from_and_a_pause_lasts_until_somebody_resumes()
    {
        using var folder = new TemporaryFolder();
        await using var server = Server(folder, folder["tagging.db"]);
        await server.StartAsync();
        for (var batch = 0; batch < 10; batch++)
        {
            var events = Enumerable.Range(0, 60).Select(number => new { userId = $"customer-{batch}-{number}", type = "page", name = "Home" });
            using var sent = await server.Client.PostAsJsonAsync("/v1/batch", new { batch = events, writeKey = "dev-write-key" });
            sent.EnsureSuccessStatusCode();
        }

        using var begun = await server.Client.PostAsJsonAsync("/api/replays", new { rate = 60, parts = 1 });
        var id = (await begun.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        Task<JsonElement> ReadAsync() => server.Client.GetFromJsonAsync<JsonElement>($"/api/replays/{id}");
        async Task<long> DoneAsync() => (await ReadAsync()).GetProperty("progress").GetProperty("done").GetInt64();
        await Eventually.HoldsAsync("some are done", TimeSpan.FromSeconds(30), async () => await DoneAsync() > 0);
        await server.Process.KillAsync();
        await server.StartAsync();
        var before = await DoneAsync();
        Assert.That(before, Is.InRange(1, 599));
        await Eventually.HoldsAsync("it goes on", TimeSpan.FromSeconds(30), async () => await DoneAsync() > before);
        using (var paused = await server.Client.PostAsync($"/api/replays/{id}/pause", null))
            paused.EnsureSuccessStatusCode();
        await Eventually.HoldsAsync("another replay has its turn", TimeSpan.FromSeconds(30), async () =>
        {
            using var other = await server.Client.PostAsJsonAsync("/api/replays", new { customers = new[] { "customer-0-0" } });
            var otherId = (await other.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();
            await Task.Delay(2_000);
            return (await server.Client.GetFromJsonAsync<JsonElement>($"/api/replays/{otherId}")).GetProperty("state").GetString() == "done";
        });
        Assert.That((await ReadAsync()).GetProperty("state").GetString(), Is.EqualTo("paused"));
        using (var resumed = await server.Client.PostAsync($"/api/replays/{id}/resume", null))
            resumed.EnsureSuccessStatusCode();
        await Eventually.HoldsAsync("it is done", TimeSpan.FromSeconds(60), async () => (await ReadAsync()).GetProperty("state").GetString() == "done");

        var report = (await ReadAsync()).GetProperty("report");
        Assert.That((report.GetProperty("customers").GetInt64(), report.GetProperty("different").GetInt64()), Is.EqualTo((600L, 0L)));
        Assert.That((await ReadAsync()).GetProperty("progress").GetProperty("starts").GetInt32(), Is.GreaterThanOrEqualTo(3));
    }

    [Test]
    public async Task The_past_is_told_as_recorded_and_as_the_journal_says_today_and_late_events_explain_the_difference()
    {
        using var folder = new TemporaryFolder();
        await using var server = Server(folder, folder["tagging.db"]);
        await server.StartAsync();
        await Tracking.SendAsync(server, new { userId = "ann", type = "page", name = "Home" });
        await Eventually.HoldsAsync("the tag is told", TimeSpan.FromSeconds(20), async () => (await Tracking.ChangesAsync(server, "ann")).Count > 0);
        await Task.Delay(50);
        var then = DateTimeOffset.UtcNow;
        await Task.Delay(50);
        await Tracking.SendAsync(server, new { userId = "ann", type = "track", @event = "Order Completed", timestamp = then.AddSeconds(-30), properties = new { order_id = "late", total = 3 } });
        await Tracking.SendAsync(server, new { userId = "ben", type = "page", name = "Home", timestamp = then.AddSeconds(-30) });
        await Eventually.HoldsAsync("all is told", TimeSpan.FromSeconds(20), async () => (await Tracking.ChangesAsync(server, "ben")).Count > 0 && (await Tracking.ChangesAsync(server, "ann")).Any(change => change.Data.Key == "buyer" && change.Data.Value?.ToString() == "1"));

        var at = Uri.EscapeDataString(then.ToString("o"));
        var recorded = await server.Client.GetFromJsonAsync<JsonElement>($"/api/customers/ann/tags?at={at}");
        var verified = await server.Client.GetFromJsonAsync<JsonElement>($"/api/customers/ann/tags?at={at}&by=journal&verify=true");
        var members = await server.Client.GetFromJsonAsync<JsonElement>($"/api/segments/lookers/members?at={at}&by=journal&verify=true");

        Assert.That(TagsOf(recorded), Is.EqualTo(new[] { "buyer=0", "looker=True" }));
        Assert.That(TagsOf(verified), Is.EqualTo(new[] { "buyer=1", "looker=True" }));
        Assert.That(verified.GetProperty("late").GetInt64(), Is.EqualTo(1));
        Assert.That(verified.GetProperty("differences").EnumerateArray().Single().ToString(), Is.EqualTo("""{"key":"buyer","recorded":0,"recomputed":1}"""));
        Assert.That(members.GetProperty("items").EnumerateArray().Select(item => item.GetString()), Is.EqualTo(new[] { "ann", "ben" }));
        Assert.That(members.GetProperty("differences").EnumerateArray().Single().ToString(), Is.EqualTo("""{"customer":"ben","recorded":false,"recomputed":true,"late":1}"""));

        using var run = new CommandRun();
        async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
        {
            var ended = await run.RunAsync(["past", .. arguments, "--at", then.ToString("o"), "--format", "csv", "--url", server.Url]);
            return (ended.ExitCode, ended.Output);
        }

        Assert.That(await RunAsync("ann", "--verify"), Is.EqualTo((1, "tag,recorded,recomputed\nbuyer,0,1\n")));
        Assert.That((await RunAsync("ann", "--by", "journal")).Output, Does.StartWith("tag,value,since,changes_at\nbuyer,1,,"));
        Assert.That(await RunAsync("--segment", "lookers", "--verify"), Is.EqualTo((1, "customer,recorded,recomputed\nben,false,true\n")));
        Assert.That(await RunAsync("--segment", "lookers", "--by", "journal"), Is.EqualTo((0, "customer,since\nann,\nben,\n")));
        Assert.That((await RunAsync("--segment", "lookers")).Output, Does.Match("^customer,since\nann,[0-9TZ:.-]+\n$"));

        await server.PublishAsync(Rulebook.Replace("looker", "watcher", StringComparison.Ordinal).Replace("buyer", "customer", StringComparison.Ordinal), "ann");
        Assert.That(await RunAsync("ann", "--verify"), Is.EqualTo((1, "tag,recorded,recomputed\nbuyer,0,1\n")), "by the rulebook that was in force then, and not by the one that is");
        Assert.That((await RunAsync("nobody")).ExitCode, Is.EqualTo(1));
        Assert.That((await RunAsync("ann", "--segment", "lookers")).ExitCode, Is.EqualTo(2));

        static IEnumerable<string> TagsOf(JsonElement answer) => answer.GetProperty("items").EnumerateArray().Select(tag => $"{tag.GetProperty("key")}={tag.GetProperty("value")}").Order();
    }

    private static HostProcess Server(TemporaryFolder folder, string store) => HostProcess.Standalone(new Dictionary<string, string?>
    {
        ["Store"] = $"sqlite:{store}",
        ["Rulebook"] = folder.Write("rulebook.yaml", Rulebook),
    });

    private static async Task SpoilAsync(string store, string customer, string key, Value value)
    {
        await using var services = new ServiceCollection().AddSqliteStorage(store).BuildServiceProvider();
        var documents = services.GetRequiredService<ICustomerDocuments>();
        var document = (await documents.LoadAsync([customer], CancellationToken.None))[0];
        var tags = new TagSet(document.Tags.Rulebook, document.Tags.Sequence, document.Tags.States.Select(state =>
            state.Key == key ? new TagState(key, state.Category, value, state.Since, state.KeySequence, state.ChangesAt) : state));
        var results = await documents.CommitAsync([new(customer, document with { Version = document.Version + 1, Tags = tags }, document.Version, [])], CancellationToken.None);
        Assert.That(results[0].Saved);
    }
}
