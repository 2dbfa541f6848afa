using System.Text.Json;
using TaggingPipeline.CommandLine.Import;
using TaggingPipeline.Pipeline.Specs.Processes;
using TaggingPipeline.ServiceDefaults.Settings;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

/// <summary>The same figures come out of a running server, whose clock stands still in the past, as out of <c>evaluate</c>.</summary>
public sealed class WhenRealPurchasesAreImported
{
    private CommandRun _run = null!;

    [SetUp]
    public void Start() => _run = new() { Retries = RetrySchedule.Usual };

    [TearDown]
    public void Stop() => _run.Dispose();

    [TestCase("cdnow/CDNOW_sample.txt", "cdnow", "1997-09-30T23:59:59.999Z", 6919)]
    [TestCase("online-retail/lines.csv.gz", "online-retail", "2011-12-10T00:00:00Z", 35_874)]
    public async Task Tags_read_back_equal_those_of_evaluate(string data, string example, string asOf, int events)
    {
        var (file, map, rulebook) = (RealData.Path(data), RealData.Example($"{example}.map.yaml"), RealData.Example($"{example}.yaml"));
        var evaluated = await _run.RunAsync("evaluate", file, "--map", map, "--rulebook", rulebook, "--as-of", asOf, "--format", "jsonl");
        await using var server = HostProcess.Standalone(new Dictionary<string, string?>
        {
            [nameof(TaggingSettings.Store)] = $"sqlite:{Path.Combine(_run.Folder, "shop.db")}",
            [nameof(TaggingSettings.Rulebook)] = rulebook,
            [nameof(TaggingSettings.AsOf)] = asOf,
        });
        await server.StartAsync();

        var imported = await _run.RunAsync("import", file, "--map", map, "--url", server.Url);
        var again = await _run.RunAsync("import", file, "--map", map, "--url", server.Url);

        TestContext.Out.WriteLine(imported.Output + imported.Error);
        Assert.That(again.Output, Is.EqualTo($"accepted   0\nduplicate  {events}\nrejected   0\n"), again.Error);
        Assert.That(evaluated.Output, Is.Not.Empty, evaluated.Error);
        var differing = new List<string>();
        var rows = evaluated.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line));
        foreach (var customer in rows.GroupBy(row => row.GetProperty("customer").GetString()!))
        {
            var stored = JsonElement.Parse(await server.Client.GetStringAsync(new Uri($"/api/customers/{customer.Key}", UriKind.Relative)));
            var expected = customer.Select(row => $"{row.GetProperty("tag")} = {row.GetProperty("value")}").ToArray();
            var found = stored.GetProperty("tags").EnumerateArray().Select(tag => $"{tag.GetProperty("key")} = {tag.GetProperty("value")}").ToArray();
            if (!expected.Order(StringComparer.Ordinal).SequenceEqual(found.Order(StringComparer.Ordinal)))
                differing.Add($"{customer.Key}: expected {string.Join(", ", expected)}; found {string.Join(", ", found)}");
        }

        Assert.That(differing, Is.Empty);
    }
}
