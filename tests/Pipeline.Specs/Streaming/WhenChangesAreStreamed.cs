using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Pipeline.Specs.Projection;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Projection.Streaming;

namespace TaggingPipeline.Pipeline.Specs.Streaming;

public sealed class WhenChangesAreStreamed
{
    private const string Path = "/api/changes/stream";

    private CountedFeed _feed = null!;
    private QueryServer _server = null!;

    [SetUp]
    public async Task SetUp()
    {
        _server = await QueryServer.StartAsync(Rulebooks.WithSegments(("best", "tag(vip)")), services =>
        {
            services.AddSingleton(new StreamPace(TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(100)));
            var ofStore = services.Last(service => service.ServiceType == typeof(IChangeFeed)).ImplementationType!;
            services.AddSingleton<IChangeFeed>(provider => _feed = new((IChangeFeed)ActivatorUtilities.CreateInstance(provider, ofStore)));
        });
        await _server.ProjectAsync(new ToldCustomer("ann").Tells(("vip", true), ("tier", "low")));
    }

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [Test]
    public async Task An_event_is_the_envelope_with_its_type_and_position()
    {
        await using var stream = await OpenStream.OpenAsync(_server.Client, $"{Path}?after=0");

        Assert.That(stream.Response.Content.Headers.ContentType?.ToString(), Is.EqualTo("text/event-stream"));
        Assert.That(stream.Response.Headers.CacheControl?.ToString(), Is.EqualTo("no-store, no-cache"));
        var events = await stream.EventsAsync(3);
        Assert.That(events.Select(each => (each.Event, each.ChangeId)), Is.EqualTo(new[]
        {
            ("tag.added", "ann:tag:1"), ("tag.added", "ann:tag:2"), ("segment.entered", "ann:segment:1"),
        }));
        var page = await _server.GetAsync("/api/changes");
        Assert.That(events.Select(each => each.Data), Is.EqualTo(page.GetProperty("items").EnumerateArray().Select(item => item.GetRawText())));
        Assert.That(events[^1].Id, Is.EqualTo(page.GetProperty("next").GetString()));
    }

    [Test]
    public async Task Without_a_position_it_starts_from_now_and_says_where_that_is()
    {
        await using var stream = await OpenStream.OpenAsync(_server.Client, Path);

        var first = (await stream.NextAsync())!;
        Assert.That((first.Id, first.Data), Is.EqualTo(((await _server.GetAsync("/api/changes")).GetProperty("next").GetString(), (string?)null)));
        await _server.ProjectAsync(new ToldCustomer("bob").Tells(("tier", "high")));
        Assert.That((await stream.EventsAsync(1))[0].ChangeId, Is.EqualTo("bob:tag:1"));
    }

    [Test]
    public async Task Who_comes_back_with_the_last_id_gets_what_followed_and_nothing_twice()
    {
        var seen = new List<string>();
        string? last = null;
        for (var visit = 0; visit < 3; visit++)
        {
            await using var stream = await OpenStream.OpenAsync(_server.Client, $"{Path}?after=0", last);
            var one = (await stream.EventsAsync(1))[0];
            seen.Add(one.ChangeId);
            last = one.Id;
        }

        Assert.That(seen, Is.EqualTo(new[] { "ann:tag:1", "ann:tag:2", "ann:segment:1" }), "the header counts more than the parameter");
    }

    [TestCase("key=tier", "ann:tag:2")]
    [TestCase("segment=best", "ann:segment:1")]
    [TestCase("type=segment.entered,segment.exited", "ann:segment:1")]
    [TestCase("customer=ann&category=value&key=vip", "ann:tag:1")]
    public async Task A_filter_lets_through_what_fits(string filter, string expected)
    {
        await using var stream = await OpenStream.OpenAsync(_server.Client, $"{Path}?after=0&{filter}");

        Assert.That((await stream.EventsAsync(1))[0].ChangeId, Is.EqualTo(expected));
    }

    [TestCase("key=none")]
    [TestCase("customer=nobody")]
    public async Task Whoever_is_told_of_nothing_is_told_how_far_was_read_and_with_comments_that_the_line_stands(string filter)
    {
        await using var stream = await OpenStream.OpenAsync(_server.Client, $"{Path}?after=0&{filter}");
        var newest = (await _server.GetAsync("/api/changes")).GetProperty("next").GetString();

        var (comments, last) = (0, "");
        while (comments < 2 || last != newest)
        {
            var block = (await stream.NextAsync())!;
            Assert.That(block.Data, Is.Null);
            comments += block.IsComment ? 1 : 0;
            last = block.Id ?? last;
        }

        await _server.ProjectAsync(new ToldCustomer("bob").Tells(("tier", "high")));
        var moved = await stream.NextAsync();
        while (moved is not { Id: not null })
            moved = await stream.NextAsync();
        Assert.That(long.Parse(moved.Id, null), Is.GreaterThan(long.Parse(newest!, null)));
    }

    [Test]
    public async Task Changes_of_a_customer_come_as_they_happen_among_those_of_others()
    {
        await using var stream = await OpenStream.OpenAsync(_server.Client, $"{Path}?customer=bob");
        var (bob, carl) = (new ToldCustomer("bob"), new ToldCustomer("carl"));

        for (var i = 1; i <= 5; i++)
        {
            await _server.ProjectAsync(carl.Tells(("tier", $"{i}")), bob.Tells(("tier", $"{i}")));
            Assert.That((await stream.EventsAsync(1))[0].ChangeId, Is.EqualTo($"bob:tag:{i}"));
        }
    }

    [Test]
    public async Task A_reader_that_does_not_read_is_not_read_ahead_for_and_gets_everything_in_the_end()
    {
        const int customers = 20_000;
        foreach (var some in Enumerable.Range(0, customers).Chunk(1000))
            await _server.ProjectAsync([.. some.Select(i => new ToldCustomer($"c{i}").Tells(("tier", new string('x', 300))))]);
        await using var stream = await OpenStream.OpenAsync(_server.Client, $"{Path}?after=0&key=tier");

        // It has come to a halt when for a while nothing more is read.
        for (var (read, still) = (0L, 0); still < 10; still = _feed.EntriesRead == read ? still + 1 : 0, read = _feed.EntriesRead)
            await Task.Delay(50);
        Assert.That(_feed.EntriesRead, Is.LessThan(customers / 2), "what is on its way fits into a few buffers");

        var events = await stream.EventsAsync(customers + 1);
        Assert.That(events.Select(each => each.ChangeId), Is.EqualTo(Enumerable.Range(0, customers).Select(i => $"c{i}:tag:1").Prepend("ann:tag:2")));
    }

    [Test]
    public async Task The_end_of_the_host_ends_it_at_once()
    {
        await using var stream = await OpenStream.OpenAsync(_server.Client, Path);
        await stream.NextAsync();
        var asked = Stopwatch.GetTimestamp();

        await _server.StopAsync();

        while (await stream.NextAsync() is not null)
            Assert.That(Stopwatch.GetElapsedTime(asked), Is.LessThan(TimeSpan.FromSeconds(20)), "a host waits 30 s for answers under way");
        Assert.That(Stopwatch.GetElapsedTime(asked), Is.LessThan(TimeSpan.FromSeconds(20)));
    }

    [TestCase("?after=x", null, "after", "`x` is not a position")]
    [TestCase("?after=-1", null, "after", "`-1` is not a position")]
    [TestCase("?after=3", "2;", "Last-Event-ID", "`2;` is not a position")]
    [TestCase("", "99999999999999999999", "Last-Event-ID", "is not a position")]
    [TestCase("", "4000", "Last-Event-ID", "has not come to 4000 yet, only to 3")]
    [TestCase("?type=tag.lost", null, "type", "`tag.lost` is none of")]
    [TestCase("?cause=luck", "1", "cause", "`luck` is none of")]
    [TestCase("?category=misc", "1", "category", "`misc` is none of")]
    public async Task A_bad_position_or_filter_is_a_problem_that_names_it(string query, string? lastEventId, string parameter, string hint)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Path + query);
        if (lastEventId is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        using var response = await _server.Client.SendAsync(request);

        Assert.That(((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType), Is.EqualTo((400, "application/problem+json")));
        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.That(problem.GetProperty("parameter").GetString(), Is.EqualTo(parameter));
        Assert.That(problem.GetProperty("detail").GetString(), Does.Contain(hint));
    }
}
