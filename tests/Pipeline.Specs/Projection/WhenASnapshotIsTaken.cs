using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Storage.Sqlite;

namespace TaggingPipeline.Pipeline.Specs.Projection;

/// <summary>A subscriber that takes a snapshot and then reads the stream from its position, while customers go on changing.</summary>
public sealed class WhenASnapshotIsTaken
{
    private const string Segment = "best";

    private QueryServer _server;

    [SetUp]
    public async Task SetUp() => _server = await QueryServer.StartAsync(Rulebooks.WithSegments((Segment, "tag(vip)"), ("spender", "tag(spent) > 4"), ("neither", "not tag(vip) and not tag(spent)")));

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [Test]
    public async Task Nothing_is_missing_and_nothing_comes_twice_whatever_changes_between_pages([Values(1, 2, 3, 4, 5, 6)] int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var shop = new ChangingShop(random, "c");
        await shop.ChangeAsync(_server.Services, random.Next(0, 60));

        var subscriber = new Subscriber();
        await subscriber.TakeSnapshotAsync(_server, random.Next(1, 8), () => shop.ChangeAsync(_server.Services, random.Next(0, 10)));
        await subscriber.FollowAsync(_server, random.Next(1, 20), () => shop.ChangeAsync(_server.Services, random.Next(0, 3) == 0 ? random.Next(0, 5) : 0));

        Assert.That(subscriber.State(), Is.EqualTo(await ServersStateAsync()));
    }

    [Test]
    public async Task Nor_while_two_processes_write([Values(1, 2, 3)] int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        await using var other = new ServiceCollection().AddSqliteStorage(_server.StorePath).AddSingleton<TagChangeProjector>()
            .AddSingleton(_server.Services.GetRequiredService<CurrentRulebook>()).BuildServiceProvider();
        ChangingShop[] shops = [new(new Random(seed), "a"), new(new Random(seed + 100), "b")];
        foreach (var shop in shops)
            await shop.ChangeAsync(_server.Services, 100);

        // Each goes on until the subscriber has its snapshot, and so many times more.
        var hasSnapshot = new TaskCompletionSource();
        var writing = shops.Select((shop, i) => Task.Run(async () =>
        {
            while (!hasSnapshot.Task.IsCompleted)
                await shop.ChangeAsync(i == 0 ? _server.Services : other, 1);
            await shop.ChangeAsync(i == 0 ? _server.Services : other, 50);
        })).ToArray();
        var subscriber = new Subscriber();
        await subscriber.TakeSnapshotAsync(_server, 3, () => Task.CompletedTask);
        hasSnapshot.SetResult();
        await Task.WhenAll(writing);
        await subscriber.FollowAsync(_server, 100, () => Task.CompletedTask);

        Assert.That(subscriber.State(), Is.EqualTo(await ServersStateAsync()));
    }

    [Test]
    public async Task The_members_of_a_segment_and_its_changes_give_its_members([Values(1, 2, 3, 4)] int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var shop = new ChangingShop(random, "c");
        await shop.ChangeAsync(_server.Services, 60);

        var members = new SortedSet<string>(StringComparer.Ordinal);
        var position = await ReadPagesAsync(_server, $"/api/segments/{Segment}/members", 3, member => members.Add(member.GetProperty("customer").GetString()!),
            () => shop.ChangeAsync(_server.Services, random.Next(0, 10)));
        await ReadPagesAsync(_server, $"/api/changes?segment={Segment}", 10, change =>
        {
            var customer = change.GetProperty("subject").GetString()!;
            _ = change.GetProperty("type").GetString() == "segment.entered" ? members.Add(customer) : members.Remove(customer);
        }, () => Task.CompletedTask, position);

        Assert.That(members, Is.EqualTo((await AllViewsAsync()).Where(view => IsIn(view, Segment)).Select(view => view.Customer)));
    }

    [Test]
    public async Task Who_is_a_member_throughout_comes_exactly_once_in_pages_and_in_exports_while_others_come_and_go()
    {
        const int Stable = 300;
        await _server.ProjectAsync([.. Enumerable.Range(0, Stable).Select(i => new ToldCustomer($"c{i:000}-stable").Tells(("vip", true)))]);
        var isRead = new TaskCompletionSource();
        var writing = Enumerable.Range(0, 2).Select(writer => Task.Run(async () =>
        {
            var random = new Random(writer);
            var comers = Enumerable.Range(0, Stable).Select(i => new ToldCustomer($"c{i:000}-{writer}")).ToArray();
            while (!isRead.Task.IsCompleted)
            {
                var comer = comers[random.Next(comers.Length)];
                await _server.ProjectAsync(comer.Tells(("vip", comer.HeldKeys.Any() ? null : true)));
            }
        })).ToArray();

        var read = new List<List<string>>();
        for (var i = 0; i < 3; i++)
        {
            read.Add([.. (await _server.GetAllAsync($"/api/segments/{Segment}/members", limit: 7)).Select(member => member.GetProperty("customer").GetString()!)]);
            var (csv, _) = await _server.GetCsvAsync($"/api/segments/{Segment}/members");
            read.Add([.. csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')[0])]);
        }

        isRead.SetResult();
        await Task.WhenAll(writing);
        foreach (var customers in read)
        {
            Assert.That(customers, Is.Unique.And.Ordered.Using((IComparer<string>)StringComparer.Ordinal));
            Assert.That(customers.Count(customer => customer.EndsWith("-stable", StringComparison.Ordinal)), Is.EqualTo(Stable));
        }

        Assert.That(read.Any(customers => customers.Count > Stable), "others came and went meanwhile");
    }

    /// <returns>What the last page said of the position.</returns>
    private static async Task<string?> ReadPagesAsync(
        QueryServer server, string path, int limit, Action<JsonElement> read, Func<Task> betweenPages, string? after = null)
    {
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        while (true)
        {
            var page = await server.GetAsync($"{path}{separator}limit={limit}{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}");
            foreach (var item in page.GetProperty("items").EnumerateArray())
                read(item);
            after = page.GetProperty("next").GetString();
            if (after is null)
                return page.TryGetProperty("position", out var position) ? position.GetString() : null;
            await betweenPages();
        }
    }

    private static bool IsIn(CustomerView view, string segment) => view.Memberships.Any(membership => membership.Segment == segment && membership.IsMember);

    private async Task<IReadOnlyList<CustomerView>> AllViewsAsync() =>
        await _server.Services.GetRequiredService<ICustomerViews>().ScanAsync(null, int.MaxValue, CancellationToken.None);

    private async Task<IEnumerable<string>> ServersStateAsync() =>
    [
        .. (await AllViewsAsync()).Select(view => Subscriber.Describe(
            view.Customer, view.TagSequence, view.SegmentSequence, view.Tags.Select(tag => $"{tag.Key}={tag.Value}"),
            view.Memberships.Where(membership => membership.IsMember).Select(membership => membership.Segment))),
    ];

    /// <summary>Customers whose tags change at random; new ones come now and then.</summary>
    private sealed class ChangingShop(Random random, string prefix)
    {
        private readonly List<ToldCustomer> _customers = [];

        public async Task ChangeAsync(IServiceProvider services, int times)
        {
            for (var i = 0; i < times; i++)
            {
                if (_customers.Count == 0 || random.Next(0, 8) == 0)
                    _customers.Add(new($"{prefix}-{random.Next()}"));
                var customer = _customers[random.Next(_customers.Count)];
                var outcomes = await services.GetRequiredService<TagChangeProjector>().ProjectAsync(
                    [customer.Tells(random.Next(0, 2) == 0 ? ("vip", customer.HeldKeys.Contains("vip") ? null : true) : ("spent", random.Next(0, 10)))], CancellationToken.None);
                Assert.That(outcomes, Is.All.EqualTo(ProjectionOutcome.Stored));
            }
        }
    }

    /// <summary>Does what docs/contracts.md says.</summary>
    private sealed class Subscriber
    {
        private readonly SortedDictionary<string, Known> _customers = new(StringComparer.Ordinal);
        private string? _position;

        public async Task TakeSnapshotAsync(QueryServer server, int limit, Func<Task> betweenPages) => _position = await ReadPagesAsync(server, "/api/snapshot", limit, item =>
        {
            var known = new Known { Tags = item.GetProperty("sequence").GetInt64(), Segments = item.GetProperty("segmentSequence").GetInt64() };
            foreach (var tag in item.GetProperty("tags").EnumerateArray())
                known.Values.Add(tag.GetProperty("key").GetString()!, tag.GetProperty("value"));
            foreach (var segment in item.GetProperty("segments").EnumerateArray())
                known.Members.Add(segment.GetProperty("key").GetString()!);
            _customers.Add(item.GetProperty("customer").GetString()!, known);
        }, betweenPages);

        public async Task FollowAsync(QueryServer server, int limit, Func<Task> betweenPages) =>
            await ReadPagesAsync(server, "/api/changes", limit, Apply, betweenPages, _position);

        public IEnumerable<string> State() => [.. _customers.Select(customer => Describe(
            customer.Key, customer.Value.Tags, customer.Value.Segments,
            customer.Value.Values.Select(value => $"{value.Key}={(value.Value.ValueKind == JsonValueKind.True ? "true" : value.Value.GetRawText())}"), customer.Value.Members))];

        public static string Describe(string customer, long tags, long segments, IEnumerable<string> values, IEnumerable<string> members) =>
            $"{customer} {tags} {segments} [{string.Join(' ', values)}] [{string.Join(' ', members.Order(StringComparer.Ordinal))}]";

        private void Apply(JsonElement change)
        {
            var customer = change.GetProperty("subject").GetString()!;
            if (!_customers.TryGetValue(customer, out var known))
                _customers.Add(customer, known = new());
            var (sequence, key) = (change.GetProperty("sequence").GetInt64(), change.GetProperty("data").GetProperty("key").GetString()!);
            var isOfTag = change.GetProperty("type").GetString()!.StartsWith("tag.", StringComparison.Ordinal);
            var last = isOfTag ? known.Tags : known.Segments;
            if (sequence <= last)
                return;
            Assert.That(sequence, Is.EqualTo(last + 1), $"{customer} has a gap");
            var hasValue = change.GetProperty("data").TryGetProperty("value", out var value);
            if (isOfTag)
                known.Tags = sequence;
            else
                known.Segments = sequence;
            _ = (isOfTag, hasValue) switch
            {
                (true, true) => (known.Values[key] = value).ValueKind != default,
                (true, false) => known.Values.Remove(key),
                (false, true) => known.Members.Add(key),
                (false, false) => known.Members.Remove(key),
            };
        }

        private sealed class Known
        {
            public long Tags { get; set; }

            public long Segments { get; set; }

            public SortedDictionary<string, JsonElement> Values { get; } = new(StringComparer.Ordinal);

            public HashSet<string> Members { get; } = new(StringComparer.Ordinal);
        }
    }
}
