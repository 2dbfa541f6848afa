using System.Globalization;
using System.Text.Json;
using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Replays;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Storage.Specs.Suites;

namespace TaggingPipeline.Storage.Specs.Replays;

/// <summary>Evaluation and replays over a store, by a clock that is set.</summary>
internal sealed class ReplayedShop
{
    public static readonly Instant Noon = Instant.FromUtc(2025, 3, 1, 12, 0);

    public static readonly Rulebook Rulebook = Compile("""
        rulebook: shop
        timezone: Europe/London
        tags:
          - { key: spent, category: value, value: sum(purchase.total) }
          - { key: active, category: behaviour, when: "count(event, 3h) >= 2" }
          - { key: steady, category: behaviour, when: "count(purchase, 1h) >= 1", hold: 2h }
          - { key: loves, category: interest, value: "top(browse.category, 90d)" }
        segments:
          - { key: parisians, when: trait.city = "Paris" }
          - { key: spenders, when: tag(spent) >= 100 }
        """);

    public static readonly Rulebook OtherRules = Compile("""
        rulebook: shop
        timezone: Europe/London
        tags:
          - { key: active, category: behaviour, when: "count(event, 3h) >= 3" }
          - { key: loves, category: interest, value: "top(browse.category, 90d)" }
          - { key: spent, category: value, value: sum(purchase.total) * 2 }
        segments:
          - { key: parisians, when: trait.city = "Paris" }
        """);

    public static readonly Rulebook OtherMeasures = Compile("""
        rulebook: shop
        timezone: Europe/London
        tags:
          - { key: dearest, category: value, value: max(purchase.total) }
          - { key: steady, category: behaviour, when: "count(purchase, 4h) >= 1", hold: 2h }
        """);

    private readonly StoragePorts _ports;

    public ReplayedShop(StoragePorts ports, Rulebook? rulebook = null, SetClock? clock = null, IReplays? replays = null)
    {
        (_ports, Clock, Current) = (ports, clock ?? new(Noon), new(rulebook ?? Rulebook));
        Sink = new(ports.Views, Current);
        var rebuilder = new CustomerRebuilder(ports.Customers, ports.Journal, Clock);
        var share = new CurrentShare(WorkShare.Everything);
        Publisher = new(ports.Customers, Sink, Current, share);
        var redecider = new CustomerRedecider(ports.Customers, rebuilder, Publisher, Clock);
        Committer = new(ports.Customers, ports.Journal, ports.Rejected, rebuilder, Clock);
        Due = new(ports.Customers, redecider, Current, share, Clock);
        Rollover = new(ports.Customers, redecider, Current, new(Current), share);
        Digests = new(ports.Customers, Current);
        Runner = new(ports.Customers, ports.Journal, ports.Views, replays ?? ports.Replays, new(ports.Populations), Publisher, Current, Clock);
    }

    public SetClock Clock { get; }

    public CurrentRulebook Current { get; }

    public ProjectingSink Sink { get; }

    public ChangePublisher Publisher { get; }

    public EventCommitter Committer { get; }

    public DueEvaluator Due { get; }

    public RulebookRollover Rollover { get; }

    public DigestReader Digests { get; }

    public ReplayRunner Runner { get; }

    public async Task TakeAsync(params IReadOnlyList<ShopEvent> events)
    {
        var committed = await Committer.CommitAsync(events, Current, CancellationToken.None);
        await Publisher.PublishAsync(committed.Untold, CancellationToken.None);
    }

    /// <summary>Six customers; four of them bought something.</summary>
    public Task FillAsync()
    {
        var at = Clock.Now - Duration.FromHours(1);
        return TakeAsync(
            Purchase("a-1", "ann", 10, at),
            Purchase("b-1", "bob", 20, at),
            Purchase("c-1", "cleo", 30, at),
            Event("d-1", "dora", "browse", "Product Viewed", at, """{"category": "x"}"""),
            Event("d-2", "dora", "browse", "Product Viewed", at, """{"category": "y"}"""),
            Purchase("e-1", "erik", 400, at),
            Event("f-1", "王小明", "profile", "identify", at, """{"city": "Paris"}"""));
    }

    public async Task<ReplayRun> ReplayAsync(ReplayOptions options, string id = "replay-1")
    {
        var run = new ReplayRun { Id = id, Version = 1, Options = options, State = ReplayState.Queued, CreatedAt = Clock.Now };
        await _ports.Replays.SaveAsync(run, CancellationToken.None);
        return await Runner.RunAsync(run, CancellationToken.None);
    }

    public async Task<StateDigest> DigestAsync(Instant asOf) => (await Digests.ReadAsync(null, null, asOf, 1, CancellationToken.None)).Whole.Digest;

    /// <summary>Events of several customers, repeated orders and refunds, late ones and ones to come among them.</summary>
    public static ShopEvent[] RandomEvents(Random random, int customers, int count) => [.. Enumerable.Range(0, count).Select(number =>
    {
        var customer = $"customer-{random.Next(customers):000}";
        var at = Noon + Duration.FromMinutes(random.Next(-3_000, 300));
        return random.Next(6) switch
        {
            0 => Event($"e{number}", customer, "profile", "identify", at, $$"""{"city": "{{(random.Next(2) == 0 ? "Paris" : "Lyon")}}"}"""),
            1 => Event($"e{number}", customer, "purchase", "Order Refunded", at, $$"""{"order_id": "o-{{random.Next(9)}}", "total": {{random.Next(9)}}}"""),
            2 or 3 => Event($"e{number}", customer, "purchase", "Order Completed", at, string.Create(CultureInfo.InvariantCulture, $$"""{"order_id": "o-{{random.Next(9)}}", "total": "{{random.Next(900)}}.{{random.Next(100):00}}"}""")),
            _ => Event($"e{number}", customer, "browse", "Product Viewed", at, $$"""{"category": "{{"鞋abc"[random.Next(4)]}}"}"""),
        };
    })];

    public static ShopEvent Event(string id, string customer, string kind, string name, Instant at, string properties) => new()
    {
        EventId = id,
        CustomerId = customer,
        Kind = kind,
        Name = name,
        OccurredAt = at.ToDateTimeOffset(),
        ReceivedAt = Noon.ToDateTimeOffset(),
        Properties = JsonDocument.Parse(properties).RootElement,
    };

    public static ShopEvent Purchase(string id, string customer, int total, Instant at) =>
        Event(id, customer, "purchase", "Order Completed", at, $$"""{"order_id": "{{id}}", "total": {{total}}}""");

    private static Rulebook Compile(string yaml) => RulebookFile.Compile(yaml) is { Rulebook: { } compiled } ? compiled : throw new InvalidOperationException(yaml);
}

/// <summary>A clock that stands still until it is set.</summary>
internal sealed class SetClock(Instant now) : TimeProvider
{
    public Instant Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now.ToDateTimeOffset();
}

/// <summary>Tells projection at once.</summary>
internal sealed class ProjectingSink(ICustomerViews views, CurrentRulebook current) : IChangeSink
{
    private readonly TagChangeProjector _projector = new(views, current);

    public async Task PublishAsync(IReadOnlyList<TagsChanged> messages, CancellationToken cancellationToken) => await _projector.ProjectAsync(messages, cancellationToken);
}
