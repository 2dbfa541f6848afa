using NodaTime;
using TaggingPipeline.Processing.Projections;
using static TaggingPipeline.Storage.Specs.Suites.Samples;

namespace TaggingPipeline.Storage.Specs.Suites;

/// <summary>Keeping who was in which segment when.</summary>
public abstract class SegmentHistorySuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    private static readonly Instant Always = Instant.FromUnixTimeSeconds(0);
    private static readonly Instant Later = At(1_000_000);

    [Test]
    public async Task An_interval_holds_from_its_beginning_until_just_before_its_end()
    {
        await CrossAsync("ann", Enter(10, 1));
        await CrossAsync("ann", Exit(20, 2));
        await CrossAsync("ann", Enter(30, 3));

        foreach (var (minute, since) in new (int, int?)[] { (9, null), (10, 10), (19, 10), (20, null), (29, null), (30, 30), (500, 30) })
        {
            Assert.That(await History.MembersAtAsync("vip", At(minute), null, 10, None),
                Is.EqualTo(since is { } entered ? new[] { new SegmentMember("ann", At(entered)) } : []), $"at minute {minute}");
        }

        Assert.That(await History.MembersAtAsync("other", At(10), null, 10, None), Is.Empty);
    }

    [Test]
    public async Task Who_enters_and_leaves_at_one_instant_is_no_member_but_crossed_twice()
    {
        await CrossAsync("ann", Enter(10, 1), Exit(10, 2));
        await CrossAsync("bob", Enter(10, 1), Exit(10, 2), Enter(10, 3));

        Assert.That((await History.MembersAtAsync("vip", At(10), null, 10, None)).Select(member => member.Customer), Is.EqualTo(new[] { "bob" }));
        Assert.That(await History.CrossingsAsync("vip", At(9), At(10), null, 10, None), Is.EqualTo(new Crossing[]
        {
            new("ann", true, At(10), 1), new("ann", false, At(10), 2), new("bob", true, At(10), 1), new("bob", false, At(10), 2), new("bob", true, At(10), 3),
        }));
        Assert.That(await History.CountCrossingsAsync("vip", At(9), At(10), None), Is.EqualTo(new Movement(3, 2)));
    }

    [Test]
    public async Task A_commit_that_lost_the_race_leaves_no_trace()
    {
        await CrossAsync("ann", Enter(10, 1));

        await Views.CommitAsync([Save(View("ann")) with { Crossings = [Exit(20, 2)] }], None);

        Assert.That(await History.CountCrossingsAsync("vip", Always, Later, None), Is.EqualTo(new Movement(1, 0)));
        Assert.That(await History.MembersAtAsync("vip", Later, null, 10, None), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Members_of_the_past_come_in_pages_by_id()
    {
        foreach (var (id, i) in AwkwardIds.Select((id, i) => (id, i)))
            await CrossAsync(id, i % 3 == 0 ? [Enter(i, 1), Exit(50, 2)] : [Enter(i, 1)]);

        foreach (var (minute, expected) in new[] { (49, AwkwardIds.AsEnumerable()), (50, AwkwardIds.Where((_, i) => i % 3 > 0)) })
        {
            var members = new List<SegmentMember>();
            while (await History.MembersAtAsync("vip", At(minute), members.LastOrDefault().Customer, 4, None) is { Count: > 0 } page)
                members.AddRange(page);
            Assert.That(members.Select(member => member.Customer), Is.EqualTo(expected));
        }
    }

    [Test]
    public async Task All_questions_agree_with_a_list_of_what_happened([Values(1, 2, 3)] int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var happened = await CrossAtRandomAsync(random);

        for (var i = 0; i < 20; i++)
        {
            var at = At(random.Next(-10, 3_000));
            Assert.That(await History.MembersAtAsync("vip", at, null, 1000, None), Is.EqualTo(MembersAt(happened, at)), $"{at}");

            var (from, to) = (at, at + Duration.FromMinutes(random.Next(1, 1_000)));
            var between = happened.Where(crossing => crossing.At > from && crossing.At <= to).ToList();
            Assert.That(await ReadAsync(from, to, limit: random.Next(1, 10)), Is.EqualTo(between), $"{from} to {to}");
            Assert.That(await History.CountCrossingsAsync("vip", from, to, None),
                Is.EqualTo(new Movement(between.Count(crossing => crossing.HasEntered), between.Count(crossing => !crossing.HasEntered))));
        }

        Instant[] bounds = [.. Enumerable.Range(0, 10).Select(_ => Instant.FromUtc(2025, 3, 1, 12, 0) + Duration.FromMinutes(15 * random.Next(-10, 250))).Distinct().Order()];
        var movements = await History.MovementsAsync("vip", bounds, None);
        Assert.That(movements, Is.EqualTo(bounds.Select((bound, i) =>
        {
            var span = happened.Where(crossing => crossing.At < bound && (i == 0 || crossing.At >= bounds[i - 1])).ToList();
            return new Movement(span.Count(crossing => crossing.HasEntered), span.Count(crossing => !crossing.HasEntered));
        })));
        Assert.That(await History.MovementsAsync("never", bounds, None), Is.All.EqualTo(default(Movement)));
    }

    private static Membership Enter(int minute, long number) => new("vip", IsMember: true, At(minute), number);

    private static Membership Exit(int minute, long number) => new("vip", IsMember: false, At(minute), number);

    private static IEnumerable<SegmentMember> MembersAt(IEnumerable<Crossing> happened, Instant at) =>
        happened.Where(crossing => crossing.At <= at).GroupBy(crossing => crossing.Customer).Select(ofCustomer => ofCustomer.Last())
            .Where(last => last.HasEntered).OrderBy(last => last.Customer, StringComparer.Ordinal).Select(last => new SegmentMember(last.Customer, last.At));

    /// <summary>Customers enter and leave, several times in a commit, some at the very same instants; on two processes in turn.</summary>
    /// <returns>What happened, by instant, customer and number.</returns>
    private async Task<List<Crossing>> CrossAtRandomAsync(Random random)
    {
        var happened = new List<Crossing>();
        ICustomerViews[] processes = [Views, AnotherProcess().Views];
        foreach (var customer in Enumerable.Range(0, 30).Select(i => $"customer-{i:00}"))
        {
            var (number, minute) = (0L, random.Next(0, 1_000));
            for (var version = 1; version <= random.Next(1, 6); version++)
            {
                var crossings = Enumerable.Range(0, random.Next(0, 4)).Select(_ => new Membership("vip", ++number % 2 == 1, At(minute += 250 * random.Next(0, 3)), number)).ToList();
                happened.AddRange(crossings.Select(crossing => new Crossing(customer, crossing.IsMember, crossing.Since, crossing.KeySequence)));
                await processes[version % 2].CommitAsync([Save(View(customer, version)) with { Crossings = crossings }], None);
            }
        }

        return [.. happened.OrderBy(crossing => crossing.At).ThenBy(crossing => crossing.Customer, StringComparer.Ordinal).ThenBy(crossing => crossing.Number)];
    }

    private async Task<List<Crossing>> ReadAsync(Instant from, Instant to, int limit)
    {
        var read = new List<Crossing>();
        while (await History.CrossingsAsync("vip", from, to, read.Count == 0 ? null : read[^1], limit, None) is { Count: > 0 } page)
        {
            Assert.That(page, Has.Count.LessThanOrEqualTo(limit));
            read.AddRange(page);
        }

        return read;
    }

    private async Task CrossAsync(string customer, params Membership[] crossings)
    {
        var version = (await Views.LoadAsync([customer], None)).SingleOrDefault()?.Version + 1 ?? 1;
        await Views.CommitAsync([Save(View(customer, version)) with { Crossings = crossings }], None);
    }
}
