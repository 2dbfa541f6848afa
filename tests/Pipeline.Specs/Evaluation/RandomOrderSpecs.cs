using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

/// <summary>Promises 1, 2 and 3, where there is too much at work to try every order.</summary>
[TestFixture]
public sealed class When_everything_works_on_several_customers_at_once
{
    private const int FirstSeed = 20240501;

    [Test]
    public void The_promises_hold_in_orders_drawn_at_random() => HoldUnder(SmallShop.Rulebook);

    [Test]
    public void They_hold_for_rules_that_depend_on_their_own_past_too() => HoldUnder(SmallShop.WithAPast);

    private static void HoldUnder(Rulebook rulebook)
    {
        TestContext.Out.WriteLine($"seeds {FirstSeed} to {FirstSeed + 149}");
        Assert.Multiple(() =>
        {
            for (var seed = FirstSeed; seed < FirstSeed + 150; seed++)
                Assert.That(BrokenBy(seed, rulebook), Is.Null, $"seed {seed}");
        });
    }

    /// <summary>Some deliveries under one rulebook, then the rest under another that needs other measures, while everything else is at work too.</summary>
    private static string? BrokenBy(int seed, Rulebook rulebook)
    {
        var random = new Random(seed);
        var customers = new[] { "anna", "ben", "cleo" }[..random.Next(1, 4)];
        var events = Enumerable.Range(0, 12).Select(number => Draw(number, customers, random)).ToArray();
        IReadOnlyList<ShopEvent>[] deliveries = [.. Enumerable.Range(0, 7).Select(_ => random.GetItems(events, random.Next(1, 6)))];

        var earlier = deliveries[..3];
        var before = new Work(SmallShop.OtherMeasures) { Acknowledge = Acknowledge.OnceTold };
        var (state, broken) = RandomRun.From(
            StoreState.Empty, [.. before.Deliveries(earlier, _ => SmallShop.Noon)], new Promises(earlier, SmallShop.OtherMeasures), random, crashes: 2);
        if (broken is not null)
            return broken;

        var work = new Work(rulebook);
        List<Actor> actors =
        [
            .. work.Deliveries(deliveries, _ => SmallShop.Noon + Duration.FromMinutes(random.Next(-30, 30))).Skip(earlier.Length),
            .. customers.Select(customer => work.Rebuild(customer, SmallShop.Noon)),
            work.Timers(SmallShop.Noon + Duration.FromMinutes(45)),
            work.Rollover(SmallShop.Noon),
            work.Sweep(SmallShop.Noon),
        ];
        return RandomRun.From(state, actors, new Promises(deliveries, rulebook), random, crashes: 4).Broken;
    }

    private static ShopEvent Draw(int number, string[] customers, Random random)
    {
        var customer = customers[random.Next(customers.Length)];
        var at = SmallShop.Noon - Duration.FromMinutes(random.Next(-20, 100));
        return random.Next(4) == 0
            ? SmallShop.Profile($"e{number}", customer, random.Next(2) == 0 ? "Paris" : "Lyon", at)
            : SmallShop.Purchase($"e{number}", customer, 1 << number, at);
    }
}
