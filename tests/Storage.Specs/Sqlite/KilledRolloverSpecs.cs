using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Storage.Specs.Suites;
using static TaggingPipeline.Storage.Specs.Suites.Samples;

namespace TaggingPipeline.Storage.Specs.Sqlite;

/// <summary>A process that brings customers under another definition of a segment is killed with SIGKILL in the middle, and another begins.</summary>
public sealed class KilledRolloverSpecs
{
    private const int Customers = 10_500;
    private const int Seed = 20250302;
    private const string Segment = "best";

    private static readonly Rulebook Old = Compile("tag(vip)");
    private static readonly Rulebook New = Compile("tag(tier) = high");

    [Test]
    [CancelAfter(120_000)]
    public async Task Everybody_comes_under_it_and_each_move_is_told_once(CancellationToken cancellationToken)
    {
        TestContext.Out.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        await using var store = new SqliteStore();
        await store.Ports.Views.CommitAsync([.. Enumerable.Range(0, Customers).Select(i => Save(ViewOf(i)))], cancellationToken);
        await RollOverAsync(store.Ports.Views, Old, TimeProvider.System, cancellationToken);
        var position = await store.Ports.Feed.NewestPositionAsync(cancellationToken);

        var left = Customers;
        for (var round = 0; round < 3; round++)
        {
            await RunUntilKilledAsync(store, page: random.Next(3, 5), cancellationToken);
            var before = left;
            left = (await store.Ports.Views.NotOfRulebookAsync(New.Version, null, Customers, cancellationToken)).Count;
            TestContext.Out.WriteLine($"{left} left");
            Assert.That(left, Is.LessThan(before).And.GreaterThan(0), "it got somewhere, and was killed in the middle");
        }

        Assert.That(await RollOverAsync(store.OpenAgain().Views, New, TimeProvider.System, cancellationToken), Is.EqualTo(left));

        var views = await store.Ports.Views.ScanAsync(null, Customers, cancellationToken);
        Assert.That(views, Has.All.Matches<CustomerView>(view => view.Rulebook == New.Version && IsAsDefined(view)));
        var movers = views.Where(view => IsVip(view) != IsHigh(view)).ToDictionary(view => view.Customer, IsHigh);
        var told = await store.Ports.Feed.ReadAsync(position, int.MaxValue, cancellationToken);
        Assert.That(told.Select(entry => (entry.Customer, entry.Type)),
            Is.EquivalentTo(movers.Select(mover => (mover.Key, mover.Value ? "segment.entered" : "segment.exited"))));
        Assert.That(told.Select(CauseOf), Is.All.EqualTo("rulebook"));
        Assert.That((await store.Ports.Views.SegmentCountsAsync(cancellationToken))[Segment], Is.EqualTo(views.Count(IsHigh)));
        Assert.That(await store.Ports.History.MembersAtAsync(Segment, NodaTime.Instant.MaxValue, null, Customers, cancellationToken),
            Is.EqualTo(await store.Ports.Views.MembersAsync(Segment, null, Customers, cancellationToken)));
    }

    /// <summary>What the process does: rolls over, and kills itself when it comes to evaluate that page: the page before is being saved then, and those before that are.</summary>
    internal static async Task RollOverUntilAsync(string path, int page)
    {
        await using var services = SqliteStore.Provide(path);
        await RollOverAsync(StoragePorts.Of(services).Views, New, new KillingClock(page), CancellationToken.None);
    }

    private static Task<int> RollOverAsync(ICustomerViews views, Rulebook rulebook, TimeProvider clock, CancellationToken cancellationToken)
    {
        var current = new CurrentRulebook(rulebook);
        return new SegmentRollover(views, current, new(current), clock).RunAsync(cancellationToken);
    }

    /// <summary>Reads on meanwhile: each customer is under the old definition or the new one, and in the segment accordingly.</summary>
    private static async Task RunUntilKilledAsync(SqliteStore store, int page, CancellationToken cancellationToken)
    {
        string[] arguments = ["exec", typeof(KilledRolloverSpecs).Assembly.Location, store.FilePath, page.ToString(CultureInfo.InvariantCulture)];
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments))!;
        var ended = process.WaitForExitAsync(cancellationToken);
        do
        {
            var views = await store.Ports.Views.ScanAsync(null, Customers, cancellationToken);
            Assert.That(views, Has.Count.EqualTo(Customers).And.All.Matches<CustomerView>(IsAsDefined));
            await Task.Yield();
        }
        while (!ended.IsCompleted);
        await ended;
        Assert.That(process.ExitCode, Is.EqualTo(128 + 9), "it was killed");
    }

    private static CustomerView ViewOf(int number) => View($"customer-{number:00000}") with
    {
        Rulebook = "none@0",
        Tags =
        [
            new("tier", "value", Value.Of(number % 3 == 0 ? "high" : "low"), At(0)),
            .. number % 2 == 0 ? new[] { new ViewedTag("vip", "value", Value.True, At(0)) } : [],
        ],
    };

    private static bool IsVip(CustomerView view) => view.Tags.Any(tag => tag.Key == "vip");

    private static bool IsHigh(CustomerView view) => view.Tags.Any(tag => tag.Value == Value.Of("high"));

    private static bool IsAsDefined(CustomerView view) =>
        view.Memberships.Any(membership => membership.Segment == Segment && membership.IsMember) == (view.Rulebook == Old.Version ? IsVip(view) : IsHigh(view));

    private static string? CauseOf(FeedEntry entry)
    {
        using var envelope = JsonDocument.Parse(entry.Body);
        return envelope.RootElement.GetProperty("cause").GetString();
    }

    private static Rulebook Compile(string when)
    {
        var compilation = RulebookFile.Compile($$"""
            rulebook: shop
            timezone: UTC
            tags:
              - { key: vip, category: value, when: count(purchase) >= 2 }
              - { key: tier, category: value, tiers: { high: count(purchase) >= 9, low: count(purchase) >= 1 } }
            segments:
              - { key: {{Segment}}, when: {{when}} }
            """);
        Assert.That(compilation.Errors, Is.Empty);
        return compilation.Rulebook!;
    }

    /// <summary>The system's clock, which kills the process when it is asked for the so-manieth time: once for each page.</summary>
    private sealed class KillingClock(int at) : TimeProvider
    {
        private int _asked;

        public override DateTimeOffset GetUtcNow()
        {
            if (++_asked >= at)
                Process.GetCurrentProcess().Kill();
            return base.GetUtcNow();
        }
    }
}
