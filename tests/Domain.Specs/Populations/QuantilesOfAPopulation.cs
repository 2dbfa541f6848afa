using TaggingPipeline.Domain.Populations;
using TaggingPipeline.Domain.Specs.Naive;

namespace TaggingPipeline.Domain.Specs.Populations;

public sealed class QuantilesOfAPopulation
{
    [Test]
    public void Equal_those_of_an_independent_computation()
    {
        const int FirstSeed = 5_000_000, Cases = 500;
        TestContext.Out.WriteLine($"seeds {FirstSeed} to {FirstSeed + Cases - 1}");
        for (var seed = FirstSeed; seed < FirstSeed + Cases; seed++)
        {
            var values = RandomPopulations.Values(new Random(seed));
            var figures = PopulationFigures.Of("x", [.. values]);
            Assert.That(figures.Customers, Is.EqualTo(values.Length));
            Assert.That(figures.Cuts, Is.EqualTo(values.Length == 0 ? [] : Enumerable.Range(1, 99).Select(percent => NaiveEvaluator.QuantileOf([.. values.Order()], percent))), $"seed {seed}");
        }
    }

    [TestCase(20, 1.8)]
    [TestCase(40, 2.6)]
    [TestCase(60, 3.4)]
    [TestCase(80, 4.2)]
    [TestCase(50, 3.0)]
    public void Are_those_that_statisticians_give_for_one_to_five(int percent, decimal cut) =>
        Assert.That(PopulationFigures.Of("x", [5, 3, 1, 2, 4]).CutAt(percent), Is.EqualTo(cut)); // R: quantile(1:5, 0.2, type = 7)

    [Test]
    public void Of_nobody_are_none() => Assert.That(PopulationFigures.Of("x", []).CutAt(50), Is.Null);

    [Test]
    public void Of_one_customer_are_all_that_ones_value() => Assert.That(PopulationFigures.Of("x", [7.50m]).Cuts, Is.All.EqualTo(7.5m));

    [Test]
    public void Of_two_lie_between_them_in_proportion() => Assert.That(PopulationFigures.Of("x", [10, 0]).CutAt(20), Is.EqualTo(2m));

    [Test]
    public void Are_exact_for_amounts_at_the_edge_of_what_counts()
    {
        var figures = PopulationFigures.Of("x", [-999_999_999_999.999_999_999_9m, 999_999_999_999.999_999_999_9m]);
        Assert.That(figures.CutAt(1), Is.EqualTo(-979_999_999_999.999_999_999_902m));
    }
}
