using System.Diagnostics;
using static TaggingPipeline.Storage.Specs.Suites.Samples;

namespace TaggingPipeline.Storage.Specs.Suites;

/// <summary>Who evaluates at the moment. On the store's own clock, so that some of it takes a moment.</summary>
public abstract class EvaluatorRosterSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    [Test]
    public async Task Who_signs_in_is_told_of_all_who_are()
    {
        Assert.That(await Roster.SignInAsync("b", Long, None), Is.EqualTo(new[] { "b" }));
        Assert.That(await AnotherProcess().Roster.SignInAsync("a", Long, None), Is.EqualTo(new[] { "a", "b" }));
        Assert.That(await Roster.SignInAsync("b", Long, None), Is.EqualTo(new[] { "a", "b" }), "signing in again changes nothing");
    }

    [Test]
    public async Task They_come_in_the_order_of_their_bytes()
    {
        foreach (var id in AwkwardIds.Reverse())
            await Roster.SignInAsync(id, Long, None);

        Assert.That(await Roster.SignInAsync(AwkwardIds[3], Long, None), Is.EqualTo(AwkwardIds));
    }

    [Test]
    public async Task Who_signs_out_is_gone()
    {
        await Roster.SignInAsync("a", Long, None);
        await Roster.SignInAsync("b", Long, None);

        await AnotherProcess().Roster.SignOutAsync("a", None);
        await Roster.SignOutAsync("nobody", None);

        Assert.That(await Roster.SignInAsync("b", Long, None), Is.EqualTo(new[] { "b" }));
    }

    [Test]
    public async Task Who_does_not_sign_in_again_is_gone_when_the_stay_is_over()
    {
        var since = Stopwatch.GetTimestamp();
        await Roster.SignInAsync("crashed", Short, None);

        await UntilAloneAsync("a");

        Assert.That(Stopwatch.GetElapsedTime(since), Is.GreaterThan(Short - TimeSpan.FromMilliseconds(2)).And.LessThan(TimeSpan.FromSeconds(20)));
    }

    [Test]
    public async Task Signing_in_again_sets_the_stay_anew()
    {
        await Roster.SignInAsync("stays", Short, None);
        await Roster.SignInAsync("stays", Long, None);
        await Roster.SignInAsync("goes", Long, None);
        await Roster.SignInAsync("goes", Short, None);

        IReadOnlyList<string> signedIn;
        do
            signedIn = await Roster.SignInAsync("a", Long, None);
        while (signedIn.Contains("goes"));

        Assert.That(signedIn, Is.EqualTo(new[] { "a", "stays" }));
    }

    [Test]
    public async Task Who_was_gone_may_come_again()
    {
        await Roster.SignInAsync("b", Short, None);
        await UntilAloneAsync("a");

        Assert.That(await Roster.SignInAsync("b", Long, None), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task All_who_sign_in_at_once_are_in()
    {
        var (one, other) = (Roster, AnotherProcess().Roster);
        var ids = Enumerable.Range(0, 16).Select(i => $"e-{i:00}").ToList();

        var told = await Task.WhenAll(ids.Select((id, i) => Task.Run(() => (i % 2 == 0 ? one : other).SignInAsync(id, Long, None))));

        Assert.That(told.Zip(ids, (signedIn, id) => signedIn.Contains(id)), Is.All.True);
        Assert.That(await one.SignInAsync(ids[0], Long, None), Is.EqualTo(ids));
    }

    private async Task UntilAloneAsync(string evaluator)
    {
        while ((await Roster.SignInAsync(evaluator, Long, None)).Count > 1)
            await Task.Yield();
    }
}
