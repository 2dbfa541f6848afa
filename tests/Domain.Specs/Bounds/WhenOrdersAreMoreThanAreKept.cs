using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Specs.Naive;

namespace TaggingPipeline.Domain.Specs.Bounds;

/// <summary>Orders can be amended while they are among the latest 512; earlier ones stand as they were.</summary>
[TestFixture]
public class WhenOrdersAreMoreThanAreKept
{
    private const int Open = 512;
    private const int Orders = 1_500;

    private static readonly Rulebook Rulebook = TestRulebooks.Compile([TestRulebooks.Value("sum", "sum(purchase.total)"), TestRulebooks.Value("count", "count(purchase, 365d)")]);

    [TestCase(Orders - 1, 10, Description = "The latest order")]
    [TestCase(Orders - Open, 10, Description = "The earliest that is open")]
    [TestCase(Orders - Open - 1, 0, Description = "The latest that is closed")]
    [TestCase(0, 0)]
    public void A_refund_takes_effect_on_an_open_order_only(int number, int taken)
    {
        var facts = Observe(Placed(), Order(number, EventKind.OrderRefunded, 10));
        Assert.That(ValueOf(facts, "sum"), Is.EqualTo(Value.Of((Orders * 100) - taken)));
    }

    [Test]
    public void An_open_order_can_be_cancelled_and_a_closed_one_cannot()
    {
        var facts = Observe(Observe(Placed(), Order(Orders - 1, EventKind.OrderCancelled, 0)), Order(3, EventKind.OrderCancelled, 0));
        Assert.That(ValueOf(facts, "count"), Is.EqualTo(Value.Of(Orders - 1)));
    }

    [Test]
    public void Only_the_latest_are_kept_as_orders_and_what_is_stored_says_the_same()
    {
        var facts = Placed();
        var read = Tagging.Settle(CustomerFacts.Decode(facts.Encode(), Rulebook)!, Rulebook, End);
        Assert.That(facts.Orders, Has.Length.EqualTo(Open));
        Assert.That(read.Encode(), Is.EqualTo(facts.Encode()));
        Assert.That(Tagging.Explain(read, Rulebook, End), Is.EqualTo(Tagging.Explain(facts, Rulebook, End)));
    }

    private static Instant End => BusyCustomers.Start + Duration.FromHours(Orders);

    private static CustomerFacts Placed()
    {
        var facts = CustomerFacts.Of(Rulebook);
        for (var i = 0; i < Orders; i++)
            facts = Tagging.Observe(facts, Order(i, EventKind.Purchase, 100), Rulebook, End);
        return Tagging.Settle(facts, Rulebook, End);
    }

    private static CustomerFacts Observe(CustomerFacts facts, CustomerEvent observed) => Tagging.Settle(Tagging.Observe(facts, observed, Rulebook, End), Rulebook, End);

    private static CustomerEvent Order(int number, EventKind kind, int total) => CustomerEvent.Create(
        $"{kind}-{number}", "c", kind, kind.ToString(), BusyCustomers.Start + Duration.FromHours(number) + Duration.FromMinutes(kind == EventKind.Purchase ? 0 : 30),
        PropertyBag.Of(("order_id", Value.Of($"o{number}")), ("total", Value.Of(total))));

    private static Value ValueOf(CustomerFacts facts, string key) => Tagging.Explain(facts, Rulebook, End).Single(outcome => outcome.Key == key).Value;
}
