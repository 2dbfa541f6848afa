using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Measures;
using TaggingPipeline.Domain.Specs.Naive;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Domain.Specs.Bounds;

/// <summary>A robot's year: two events a minute, under the limits that hold outside tests too.</summary>
[TestFixture]
public class WhenACustomerHasAMillionEvents
{
    private const int Events = 1_000_000;
    private const int Apart = 31_500;

    private static readonly Rulebook Rulebook = TestRulebooks.Compile(
    [
        TestRulebooks.Value("year", "count(browse, 365d)"),
        TestRulebooks.Value("month", "sum(browse.price, 30d)"),
        TestRulebooks.Value("day", "count(browse, 1d)"),
        TestRulebooks.Value("hour", "count(browse, 1h)"),
        TestRulebooks.Value("all", "count(browse)"),
        TestRulebooks.Value("kinds", "distinct(browse.category, 30d)"),
        TestRulebooks.Value("orders", "count(purchase, 365d)"),
        TestRulebooks.Value("spent", "sum(purchase.total)"),
        TestRulebooks.When("again", "none(purchase since last(interaction))"),
        TestRulebooks.When("busy", "count(browse, 30d) >= 80000"),
    ]);

    private CustomerFacts _facts = CustomerFacts.Of(Rulebook);
    private Instant _end;

    [OneTimeSetUp]
    public void Observe()
    {
        for (var i = 0; i < Events; i++)
        {
            var observed = Event(i);
            _end = observed.OccurredAt;
            _facts = Tagging.Observe(_facts, observed, Rulebook, _end);
            if (i % 128 == 0)
                _facts = Tagging.Settle(_facts, Rulebook, _end);
        }

        _facts = Tagging.Settle(_facts, Rulebook, _end);
    }

    [Test]
    public void What_is_kept_stays_within_its_limits()
    {
        foreach (var selection in Rulebook.Measures.Selections)
        {
            var series = _facts.SeriesOf(selection);
            Assert.That(series.Single, Is.AtMost(FactLimits.Usual.Entries), selection.Counted);
            Assert.That(series.Grouped, Is.AtMost(2_000 * selection.Bands.Length), selection.Counted);
        }

        Assert.That(_facts.Orders, Has.Length.AtMost(FactLimits.Usual.Orders));
        Assert.That(_facts.Encode(), Has.Length.LessThan(256 * 1024));
    }

    [Test]
    public void The_rulebook_of_the_demo_shop_keeps_less_than_256_KB()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "TaggingPipeline.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("These tests run within the repository.");
        var shop = RulebookFile.Compile(File.ReadAllText(Path.Combine(folder.FullName, "docs", "examples", "demo-shop.yaml"))).Rulebook!;
        var facts = CustomerFacts.Of(shop);
        for (var i = 0; i < Events; i++)
        {
            facts = Tagging.Observe(facts, Event(i), shop, _end);
            if (i % 1_024 == 0)
                facts = Tagging.Settle(facts, shop, InstantOf(i));
        }

        var bytes = Tagging.Settle(facts, shop, _end).Encode();
        TestContext.Out.WriteLine($"{bytes.Length} bytes");
        Assert.That(bytes, Has.Length.LessThan(256 * 1024));
    }

    [Test]
    public void What_is_read_back_is_the_same()
    {
        var bytes = _facts.Encode();
        var read = Tagging.Settle(CustomerFacts.Decode(bytes, Rulebook)!, Rulebook, _end);
        Assert.That(read.Encode(), Is.EqualTo(bytes));
        Assert.That(Tagging.Explain(read, Rulebook, _end), Is.EqualTo(Tagging.Explain(_facts, Rulebook, _end)));
    }

    [TestCase("hour", 3_600_000L, true)]
    [TestCase("day", 86_400_000L, true)]
    [TestCase("year", 31_536_000_000L, false)]
    public void A_count_is_exact_up_to_the_limit_and_within_a_thousandth_of_the_window_beyond(string key, long length, bool isExact)
    {
        var (least, most) = (Browses(length), Browses(isExact ? length : length + (length / 1_000)));
        Assert.That((int)ValueOf(key).AsNumber, Is.InRange(least, most));
    }

    [Test]
    public void Everything_together_is_exact()
    {
        Assert.That(ValueOf("all"), Is.EqualTo(Value.Of(Browses(long.MaxValue / 2))));
        Assert.That(ValueOf("spent"), Is.EqualTo(Value.Of(Enumerable.Range(0, Events).Where(i => i % 50 == 7).Sum(i => 10m + (i % 90)))));
        Assert.That(ValueOf("kinds"), Is.EqualTo(Value.Of(7)));
    }

    [Test]
    public void The_reason_says_what_is_counted_in_groups()
    {
        var outcome = Tagging.Explain(_facts, Rulebook, _end).Single(outcome => outcome.Key == "busy");
        Assert.That(outcome.Reason.Text, Does.Match("the oldest [0-9]+ count in groups of at most 35m$"));
    }

    private static CustomerEvent Event(int i)
    {
        var (kind, name) = (i % 50) switch
        {
            7 => (EventKind.Purchase, "Order Completed"),
            9 or 30 => (EventKind.Interaction, "Product Added"),
            _ => (EventKind.Browse, "Product Viewed"),
        };
        var properties = kind == EventKind.Purchase
            ? PropertyBag.Of(("order_id", Value.Of($"order-{i}")), ("total", Value.Of(10m + (i % 90))))
            : PropertyBag.Of(("category", Value.Of($"c{i % 7}")), ("price", Value.Of((i % 1_999) / 100m)));
        return CustomerEvent.Create($"{i:00000000}-0000-4000-8000-000000000000", "c", kind, name, InstantOf(i), properties);
    }

    private static Instant InstantOf(int i) => BusyCustomers.Start + Duration.FromMilliseconds(((long)i * Apart) + (i * 7_919L % 30_000));

    private int Browses(long window) =>
        Enumerable.Range(0, Events).Count(i => i % 50 is not (7 or 9 or 30) && InstantOf(i) is var at && (_end - at).TotalMilliseconds < window);

    private Value ValueOf(string key) => Tagging.Explain(_facts, Rulebook, _end).Single(outcome => outcome.Key == key).Value;
}
