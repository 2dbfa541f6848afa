using System.Text.Json;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

public sealed class WhenARulebookIsChecked
{
    private CommandRun _run = null!;

    [SetUp]
    public void Start() => _run = new();

    [TearDown]
    public void Stop() => _run.Dispose();

    [Test]
    public async Task An_editor_gets_the_version_of_a_good_one_as_json()
    {
        var path = _run.Write("shop.yaml", "rulebook: shop\ntags:\n  - { key: a, category: value, value: count(purchase) }\n");

        var (exitCode, found) = await CheckAsync(path);

        Assert.Multiple(() =>
        {
            Assert.That(exitCode, Is.Zero);
            Assert.That(found.GetProperty("file").GetString(), Is.EqualTo(path));
            Assert.That(found.GetProperty("ok").GetBoolean(), Is.True);
            Assert.That(found.GetProperty("version").GetString(), Does.Match("^shop@[0-9a-f]{12}$"));
            Assert.That(found.GetProperty("errors").GetArrayLength(), Is.Zero);
        });
    }

    [Test]
    public async Task An_editor_gets_every_error_with_its_range_and_the_name_that_was_meant()
    {
        var path = _run.Write("shop.yaml", "rulebook: shop\ntags:\n  - key: a\n    category: value\n    value: count(purchse) + sum(browse.price)\n    nmae: A\n  - key: b\n    category: vlue\n    when: |\n      trait.a\n        and 1d\n");

        var (exitCode, found) = await CheckAsync(path);
        var errors = found.GetProperty("errors").EnumerateArray().ToArray();

        Assert.Multiple(() =>
        {
            Assert.That(exitCode, Is.EqualTo(1));
            Assert.That(found.GetProperty("ok").GetBoolean(), Is.False);
            Assert.That(found.GetProperty("version").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(errors.Select(RangeOf), Is.EqualTo(new[] { "5:18-5:25", "6:5-6:9", "8:15-8:19", "11:13-11:15" }));
            Assert.That(errors.Select(error => error.GetProperty("where").GetString()), Is.EqualTo(new[] { "tag a", "tag a", "tag b", "tag b" }));
            Assert.That(errors.Select(SuggestionOf), Is.EqualTo(new[] { "purchase", "name", "value", null }));
        });
    }

    [Test]
    public async Task What_is_missing_has_an_empty_range()
    {
        var (_, found) = await CheckAsync(_run.Write("shop.yaml", "timezone: UTC\n"));

        Assert.That(RangeOf(found.GetProperty("errors")[0]), Is.EqualTo("1:1-1:1"));
    }

    [Test]
    public async Task A_file_that_cannot_be_read_is_told_on_standard_error_in_either_format()
    {
        var ending = await _run.RunAsync("rules", "check", Path.Combine(_run.Folder, "none.yaml"), "--format", "json");

        Assert.Multiple(() =>
        {
            Assert.That(ending.ExitCode, Is.EqualTo(1));
            Assert.That(ending.Output, Is.Empty);
            Assert.That(ending.Error, Does.Contain("there is no such file"));
        });
    }

    private async Task<(int ExitCode, JsonElement Found)> CheckAsync(string path)
    {
        var ending = await _run.RunAsync("rules", "check", path, "--format", "json");
        Assert.That(ending.Error, Is.Empty);
        return (ending.ExitCode, JsonElement.Parse(ending.Output));
    }

    private static string RangeOf(JsonElement error)
    {
        var range = error.GetProperty("range");
        return $"{PositionOf(range.GetProperty("start"))}-{PositionOf(range.GetProperty("end"))}";
    }

    private static string PositionOf(JsonElement position) => $"{position.GetProperty("line").GetInt32()}:{position.GetProperty("column").GetInt32()}";

    private static string? SuggestionOf(JsonElement error) => error.TryGetProperty("suggestion", out var suggestion) ? suggestion.GetString() : null;
}
