using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Projections;
using static TaggingPipeline.Storage.Specs.Suites.Samples;

namespace TaggingPipeline.Storage.Specs.Suites;

/// <summary>Keeping customer views, and the members and counts that follow from them.</summary>
public abstract class CustomerViewsSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    [Test]
    public async Task Every_field_comes_back_as_it_was_saved()
    {
        var full = View("王小明") with
        {
            Revision = 7,
            TagSequence = 8,
            SegmentSequence = 9,
            Rulebook = "书店@1f3a",
            Tags = [.. EveryKindOfValue.Select((value, i) => new ViewedTag($"tag-{i:00}", "兴趣", value, At(i)))],
            Traits = PropertyBag.Of(EveryKindOfValue.Select((value, i) => KeyValuePair.Create($"特征-{i}", value)).Append(new("$instant", Value.Of("a name")))),
            Memberships = [new("left", IsMember: false, At(1), 2), new("高价值", IsMember: true, At(2), 1)],
        };
        await SaveAsync(full);
        await SaveAsync(View("bare"));

        var loaded = await Views.LoadAsync(["王小明", "nobody", "bare"], None);

        Assert.That(loaded, Is.EquivalentTo(new[] { full, View("bare") }));
        Assert.That(await AnotherProcess().Views.LoadAsync(["王小明", "bare"], None), Is.EquivalentTo(loaded), "this process may have kept what it saved");
    }

    [Test]
    public async Task A_save_that_expects_another_version_is_lost()
    {
        await SaveAsync(In("ann", 1, "vip"));

        var saved = await Views.CommitAsync([Save(In("ann", 1, "other")), Save(In("bob", 2, "vip")), Save(In("cleo", 1, "vip"))], None);

        Assert.That(saved, Is.EqualTo(new[] { false, false, true }));
        Assert.That(await Views.LoadAsync(["ann", "bob"], None), Is.EqualTo(new[] { In("ann", 1, "vip") }));
        Assert.That(await Views.SegmentCountsAsync(None), Is.EquivalentTo(new Dictionary<string, long> { ["vip"] = 2 }));
    }

    [Test]
    public async Task No_update_is_lost_among_writers_that_retry()
    {
        const int Writers = 8;
        const int Rounds = 5;
        ICustomerViews[] processes = [Views, AnotherProcess().Views];

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                CustomerView next;
                do
                {
                    var known = (await processes[writer % 2].LoadAsync(["ann"], None)).SingleOrDefault();
                    next = View("ann", (known?.Version ?? 0) + 1) with { TagSequence = (known?.TagSequence ?? 0) + 1, Tags = [Tag("writer", Value.Of(writer))] };
                }
                while (!(await processes[writer % 2].CommitAsync([Save(next)], None))[0]);
            }
        })));

        var view = (await Views.LoadAsync(["ann"], None)).Single();
        Assert.That((view.Version, view.TagSequence), Is.EqualTo((Writers * Rounds, Writers * Rounds)));
        Assert.That(await Views.TagCountsAsync(None), Is.EqualTo(new[] { new TagValueCount("writer", view.Tags[0].Value, 1) }));
    }

    [Test]
    public async Task Members_come_in_pages_by_id()
    {
        await SaveAsync([.. AwkwardIds.Select((id, i) => View(id) with { Memberships = [new("some", IsMember: i % 3 > 0, At(i), 1), new("vip", IsMember: true, At(i), 1)] })]);

        var members = new List<SegmentMember>();
        while (await Views.MembersAsync("vip", members.LastOrDefault().Customer, 4, None) is { Count: > 0 } page)
            members.AddRange(page);

        Assert.That(members, Is.EqualTo(AwkwardIds.Select((id, i) => new SegmentMember(id, At(i)))));
        Assert.That((await Views.MembersAsync("some", null, 100, None)).Select(member => member.Customer), Is.EqualTo(AwkwardIds.Where((_, i) => i % 3 > 0)));
        Assert.That(await Views.MembersAsync("never", null, 100, None), Is.Empty);
    }

    [Test]
    public async Task Members_and_counts_follow_entering_leaving_and_coming_back()
    {
        await SaveAsync(In("ann", 1, "vip", "new"), In("bob", 1, "vip"), In("cleo", 1));
        Assert.That(await CountsAsync(), Is.EqualTo("new 1, vip 2"));

        await SaveAsync(In("ann", 2, "new"), In("cleo", 2, "vip"));
        Assert.That(await CountsAsync(), Is.EqualTo("new 1, vip 2"));
        Assert.That((await Views.MembersAsync("vip", null, 10, None)).Select(member => member.Customer), Is.EqualTo(new[] { "bob", "cleo" }));

        await SaveAsync(In("ann", 3), In("bob", 2), In("cleo", 3));
        Assert.That(await CountsAsync(), Is.Empty);
        Assert.That(await Views.MembersAsync("vip", null, 10, None), Is.Empty);

        await SaveAsync(View("ann", 4) with { Memberships = [new("vip", IsMember: true, At(50), 3)] });
        Assert.That(await CountsAsync(), Is.EqualTo("vip 1"));
        Assert.That(await Views.MembersAsync("vip", null, 10, None), Is.EqualTo(new[] { new SegmentMember("ann", At(50)) }));
    }

    [Test]
    public async Task A_membership_that_is_gone_from_the_view_or_begins_anew_counts_once()
    {
        await SaveAsync(In("ann", 1, "vip"), In("bob", 1, "vip"));

        await SaveAsync(View("ann", 2), View("bob", 2) with { Memberships = [new("vip", IsMember: true, At(70), 2)] });

        Assert.That(await CountsAsync(), Is.EqualTo("vip 1"));
        Assert.That(await Views.MembersAsync("vip", null, 10, None), Is.EqualTo(new[] { new SegmentMember("bob", At(70)) }));
    }

    [Test]
    public async Task Tag_counts_follow_the_values_by_key_and_then_value()
    {
        await SaveAsync(
            View("ann") with { Tags = [Tag("spent", Value.Of(9.50m)), Tag("tier", Value.Of("high"))] },
            View("bob") with { Tags = [Tag("spent", Value.Of(10m)), Tag("tier", Value.Of("high"))] },
            View("cleo") with { Tags = [Tag("spent", Value.Of(9.5m)), Tag("vip", Value.True)] });
        Assert.That(await Views.TagCountsAsync(None), Is.EqualTo(new TagValueCount[]
        {
            new("spent", Value.Of(9.5m), 2), new("spent", Value.Of(10m), 1), new("tier", Value.Of("high"), 2), new("vip", Value.True, 1),
        }));

        await SaveAsync(
            View("ann", 2) with { Tags = [Tag("spent", Value.Of(10.0m)), Tag("tier", Value.Of("high"))] },
            View("bob", 2) with { Tags = [Tag("spent", Value.Of(100m)), Tag("tier", Value.Of("low"))] },
            View("cleo", 2) with { Tags = [Tag("spent", Value.Of(9.5m))] });
        Assert.That(await Views.TagCountsAsync(None), Is.EqualTo(new TagValueCount[]
        {
            new("spent", Value.Of(9.5m), 1), new("spent", Value.Of(10m), 1), new("spent", Value.Of(100m), 1), new("tier", Value.Of("high"), 1), new("tier", Value.Of("low"), 1),
        }));
    }

    [Test]
    public async Task Every_kind_of_value_has_its_own_count()
    {
        var held = EveryKindOfValue.Where(value => !value.IsMissing).ToList();
        await SaveAsync([.. held.Select((value, i) => View($"customer-{i}") with { Tags = [Tag("any", value)] })]);

        Assert.That(await Views.TagCountsAsync(None), Is.EqualTo(held.Order().Select(value => new TagValueCount("any", value, 1))));

        await SaveAsync([.. held.Select((_, i) => View($"customer-{i}", 2))]);
        Assert.That(await Views.TagCountsAsync(None), Is.Empty);
    }

    [Test]
    public async Task Views_of_other_rulebooks_come_in_pages_by_id()
    {
        await SaveAsync([.. AwkwardIds.Select((id, i) => View(id) with { Rulebook = $"shop@{i % 3}" })]);
        await SaveAsync(View("a", 2) with { Rulebook = "shop@1" });

        var found = new List<CustomerView>();
        while (await Views.NotOfRulebookAsync("shop@1", found.LastOrDefault()?.Customer, 2, None) is { Count: > 0 } page)
            found.AddRange(page);

        Assert.That(found.Select(view => view.Customer), Is.EqualTo(AwkwardIds.Where((id, i) => i % 3 != 1 && id != "a")));
        Assert.That(found, Has.All.Matches<CustomerView>(view => view.Rulebook != "shop@1"));
        Assert.That(await Views.CountAsync("shop@1", None), Is.EqualTo(((long)AwkwardIds.Length, (long)found.Count)));
    }

    [Test]
    public async Task The_number_of_the_rulebook_is_kept_where_nothing_else_of_a_view_changes_too()
    {
        var view = View("ann") with { RulebookNumber = 5_000_000_000 };
        await SaveAsync(view);
        Assert.That((await AnotherProcess().Views.LoadAsync(["ann"], None)).Single(), Is.EqualTo(view));

        var marked = view with { Version = 2, Rulebook = "shop@2", RulebookNumber = 5_000_000_001 };
        await SaveAsync(marked);
        Assert.That((await Views.LoadAsync(["ann"], None)).Single(), Is.EqualTo(marked));
        Assert.That((await AnotherProcess().Views.ScanAsync(null, 10, None)).Single(), Is.EqualTo(marked));
    }

    [Test]
    public async Task All_views_come_in_pages_by_id()
    {
        await SaveAsync([.. AwkwardIds.Select((id, i) => View(id) with { Rulebook = $"shop@{i % 2}", Tags = [Tag("number", Value.Of(i))] })]);

        var found = new List<CustomerView>();
        while (await Views.ScanAsync(found.LastOrDefault()?.Customer, 3, None) is { Count: > 0 } page)
            found.AddRange(page);

        Assert.That(found, Is.EqualTo(AwkwardIds.Select((id, i) => View(id) with { Rulebook = $"shop@{i % 2}", Tags = [Tag("number", Value.Of(i))] })));
    }

    [Test]
    public async Task Overlaps_count_those_who_are_in_both_and_in_all()
    {
        await SaveAsync(
            In("ann", 1, "vip", "new", "gone"), In("bob", 1, "vip", "new"), In("cleo", 1, "vip", "gone"), In("dan", 1, "new", "alone"), In("eve", 1), In("ann'", 1, "vip"));
        await SaveAsync(
            View("ann", 2) with { Memberships = [new("gone", IsMember: false, At(4), 2), new("new", IsMember: true, At(3), 1), new("vip", IsMember: true, At(3), 1)] },
            In("cleo", 2, "vip"));

        var ofVip = (await Views.OverlapsAsync("vip", None)).Where(overlap => overlap.Value != 0);
        Assert.That(ofVip, Is.EquivalentTo(new Dictionary<string, long> { ["new"] = 2 }));
        Assert.That((await Views.OverlapsAsync("never", None)).Values, Is.All.Zero);
        Assert.That(await Views.CountInAllAsync(["vip"], None), Is.EqualTo(4));
        Assert.That(await Views.CountInAllAsync(["vip", "new"], None), Is.EqualTo(2));
        Assert.That(await Views.CountInAllAsync(["new", "vip", "new"], None), Is.EqualTo(2));
        Assert.That(await Views.CountInAllAsync(["vip", "new", "alone"], None), Is.Zero);
        Assert.That(await Views.CountInAllAsync(["vip", "never"], None), Is.Zero);
    }

    private static ViewedTag Tag(string key, Value value) => new(key, "value", value, At(0));

    private static CustomerView In(string customer, long version, params string[] segments) =>
        View(customer, version) with { Memberships = [.. segments.Order().Select(segment => new Membership(segment, IsMember: true, At(3), 1))] };

    private async Task SaveAsync(params CustomerView[] views)
    {
        var saved = await Views.CommitAsync([.. views.Select(view => Save(view))], None);
        Assert.That(saved, Is.All.True);
    }

    private async Task<string> CountsAsync() =>
        string.Join(", ", (await Views.SegmentCountsAsync(None)).Where(count => count.Value != 0).OrderBy(count => count.Key).Select(count => $"{count.Key} {count.Value}"));
}
