using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Pipeline.Specs.Evaluation;
using TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.Processing.Previews;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Projection.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Previews;

/// <summary>Of 3,000 customers about 300 are looked at, and 5 are in a segment.</summary>
[TestFixture]
public sealed class When_the_guard_looks_at_a_sample
{
    private const int Customers = 3_000;

    private const string InForce = """
        rulebook: shop
        tags:
          - { key: whale, category: value, when: sum(purchase.total) >= 1000 }
          - { key: buyer, category: value, when: count(purchase) >= 1 }
        segments:
          - { key: whales, when: tag(whale) }
          - { key: buyers, when: tag(buyer) }
        """;

    private RulebookPreview _preview = null!;
    private PublishGuard _guard = null!;

    [OneTimeSetUp]
    public async Task OpenAShop()
    {
        var (rulebook, clock) = (Compile(InForce), new FixedClock(SmallShop.Noon));
        var store = new ExploredStore(new NoChoice(StoreState.Empty));
        var committer = new EventCommitter(store, store, store, new(store, store, clock), clock);
        foreach (var numbers in Enumerable.Range(0, Customers).Chunk(500))
            await committer.CommitAsync([.. numbers.Select(number => SmallShop.Purchase("a", $"customer {number:0000}", number is >= 10 and < 15 ? 1_500 : 10, SmallShop.Noon))], new(rulebook), CancellationToken.None);
        var current = new CurrentRulebook(rulebook);
        _preview = new(store, store, current, clock);
        var sampled = await _preview.RunAsync(rulebook, new() { Sample = 300 }, CancellationToken.None);
        Assert.That((sampled.Looked > 200, sampled.Segments[0].Before), Is.EqualTo((true, 0)), "nobody of the small segment is looked at");
        _guard = new(_preview, current, 20) { LooksAt = 300 };
    }

    [OneTimeTearDown]
    public void CloseIt() => _preview.Dispose();

    [TestCase(">= 1000", ">= 2000", "whales", TestName = "A_segment_that_all_leave_is_guarded_though_none_of_them_is_in_the_sample")]
    [TestCase(">= 1000", ">= 999", "whales", TestName = "So_is_one_that_nobody_leaves_where_the_sample_cannot_tell")]
    [TestCase("when: tag(whale)", "when: tag(whale) and tag(buyer)", "whales", TestName = "So_is_one_whose_own_rule_differs")]
    [TestCase("when: tag(buyer)", "when: tag(buyer) and not tag(whale)", "", TestName = "A_large_one_of_which_few_leave_passes_and_so_does_a_small_one_that_is_as_it_was")]
    [TestCase("count(purchase) >= 1", "count(purchase) >= 2", "buyers", TestName = "A_large_one_that_many_leave_is_guarded")]
    [TestCase("rulebook: shop", "rulebook: shop\ntimezone: Europe/Paris", "whales", TestName = "What_is_of_the_whole_rulebook_is_of_every_segment")]
    public async Task It_refuses_what_it_cannot_rule_out(string before, string after, string refused)
    {
        var candidate = Compile(InForce.Replace(before, after, StringComparison.Ordinal));

        var look = await _guard.LookAsync(candidate, token: null, expected: null, CancellationToken.None);

        Assert.That(string.Join(' ', look.Refused.Select(segment => segment.Key)), Is.EqualTo(refused));
    }

    [TestCase(">= 2000", "whales")]
    [TestCase(">= 999", "")]
    public async Task A_look_at_all_tells(string after, string refused)
    {
        var candidate = Compile(InForce.Replace(">= 1000", after, StringComparison.Ordinal));

        var all = await _preview.RunAsync(candidate, new(), CancellationToken.None);

        Assert.That(string.Join(' ', _guard.Refuses(all, Compile(InForce), candidate)), Is.EqualTo(refused));
    }

    private static Rulebook Compile(string content) => RulebookFile.Compile(content).Rulebook!;
}
