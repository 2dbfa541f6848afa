using TaggingPipeline.Processing.Rulebooks;
using static TaggingPipeline.Storage.Specs.Suites.Samples;

namespace TaggingPipeline.Storage.Specs.Suites;

/// <summary>Keeping the versions of the rulebook.</summary>
public abstract class RulebookVersionsSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    [Test]
    public async Task A_version_comes_back_as_it_was_published()
    {
        var full = new PublishedRulebook(
            new(1, "书店 \"x\"@y", "1f3a9c02b7d4", "王小明 🦊", "weil's 'so' ist;\n-- DROP", RulebookVersion.OfApi, At(3)), "\uFEFFrulebook: 书店\r\n# 🛒\n\ttags: []\0");
        Assert.That(await Rulebooks.AppendAsync(full, None));

        Assert.That(await Rulebooks.LatestAsync(0, None), Is.EqualTo(full));
        Assert.That(await AnotherProcess().Rulebooks.FindAsync(1, None), Is.EqualTo(full));
        Assert.That(await Rulebooks.ListAsync(null, 10, None), Is.EqualTo(new[] { full.Version }));
        Assert.That(await Rulebooks.FindContentAsync("1f3a9c02b7d4", None), Is.EqualTo(full.Version));
    }

    [Test]
    public async Task There_is_none_before_the_first()
    {
        Assert.That(await Rulebooks.LatestAsync(0, None), Is.Null);
        Assert.That(await Rulebooks.FindAsync(1, None), Is.Null);
        Assert.That(await Rulebooks.FindContentAsync("a", None), Is.Null);
        Assert.That(await Rulebooks.ListAsync(null, 10, None), Is.Empty);
    }

    [Test]
    public async Task A_number_that_is_taken_or_leaves_a_gap_is_refused()
    {
        Assert.That(await Rulebooks.AppendAsync(Version(2), None), Is.False, "there is no first yet");
        Assert.That(await Rulebooks.AppendAsync(Version(1), None));
        Assert.That(await AnotherProcess().Rulebooks.AppendAsync(Version(1, "b"), None), Is.False);
        Assert.That(await Rulebooks.AppendAsync(Version(3), None), Is.False);
        Assert.That(await Rulebooks.AppendAsync(Version(0), None), Is.False);
        Assert.That(await Rulebooks.AppendAsync(Version(2), None));

        Assert.That(await AnotherProcess().Rulebooks.ListAsync(null, 10, None), Is.EqualTo(new[] { Version(2).Version, Version(1).Version }));
    }

    [Test]
    public async Task Of_many_at_once_each_number_goes_to_one()
    {
        var (one, other) = (Rulebooks, AnotherProcess().Rulebooks);

        var appended = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(async () =>
        {
            var versions = i % 2 == 0 ? one : other;
            for (long number = 1; ; number++)
            {
                if (await versions.AppendAsync(Version(number, $"content {i}"), None))
                    return number;
            }
        })));

        Assert.That(appended.Order(), Is.EqualTo(Enumerable.Range(1, 12)));
        foreach (var (number, i) in appended.Select((number, i) => (number, i)))
            Assert.That((await other.FindAsync(number, None))!.Content, Is.EqualTo($"content {i}"));
    }

    [Test]
    public async Task The_latest_is_told_only_if_it_is_newer()
    {
        await AppendAsync("a", "b", "c");

        Assert.That((await Rulebooks.LatestAsync(1, None))!.Version.Number, Is.EqualTo(3));
        Assert.That((await AnotherProcess().Rulebooks.LatestAsync(2, None))!.Version.Number, Is.EqualTo(3));
        Assert.That(await Rulebooks.LatestAsync(3, None), Is.Null);
    }

    [Test]
    public async Task The_latest_version_with_a_content_is_found()
    {
        await AppendAsync("a", "b", "a", "c");

        Assert.That((await Rulebooks.FindContentAsync("a", None))!.Number, Is.EqualTo(3));
        Assert.That((await Rulebooks.FindContentAsync("b", None))!.Number, Is.EqualTo(2));
        Assert.That(await Rulebooks.FindContentAsync("A", None), Is.Null);
    }

    [Test]
    public async Task The_history_is_listed_from_the_latest_back_in_pages()
    {
        await AppendAsync([.. Enumerable.Range(0, 12).Select(i => $"{i}")]);

        Assert.That((await Rulebooks.ListAsync(null, 5, None)).Select(version => version.Number), Is.EqualTo(new[] { 12, 11, 10, 9, 8 }));
        Assert.That((await Rulebooks.ListAsync(8, 5, None)).Select(version => version.Number), Is.EqualTo(new[] { 7, 6, 5, 4, 3 }));
        Assert.That((await Rulebooks.ListAsync(3, 5, None)).Select(version => version.Number), Is.EqualTo(new[] { 2, 1 }));
        Assert.That(await Rulebooks.ListAsync(1, 5, None), Is.Empty);
    }

    [Test]
    public async Task A_pause_is_seen_by_all_until_it_is_taken_away()
    {
        var other = AnotherProcess().Rulebooks;
        Assert.That(await other.PausedAsync(None), Is.Null);

        await Rulebooks.PauseAsync(5_000_000_000, None);
        Assert.That(await other.PausedAsync(None), Is.EqualTo(5_000_000_000));
        await other.PauseAsync(7, None);
        await other.PauseAsync(7, None);
        Assert.That(await Rulebooks.PausedAsync(None), Is.EqualTo(7));
        await Rulebooks.PauseAsync(null, None);
        await Rulebooks.PauseAsync(null, None);
        Assert.That(await other.PausedAsync(None), Is.Null);
    }

    private async Task AppendAsync(params string[] hashes)
    {
        foreach (var (hash, i) in hashes.Select((hash, i) => (hash, i)))
            Assert.That(await Rulebooks.AppendAsync(Version(i + 1, hash), None));
    }

    private static PublishedRulebook Version(long number, string hash = "a") =>
        new(new(number, "shop", hash, "anna", "", RulebookVersion.OfFile, At((int)number)), hash);
}
