using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Evaluation;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

[TestFixture]
public sealed class When_evaluators_share_the_work
{
    private static readonly string[] Customers = [.. Enumerable.Range(0, 2_000).Select(number => $"customer-{number}")];

    [Test]
    public void Every_partition_has_exactly_one_owner([Range(1, 40)] int evaluators)
    {
        var shares = SharesOf(evaluators);

        Assert.That(shares.SelectMany(share => share.Partitions), Is.EquivalentTo(Enumerable.Range(0, CustomerPartition.Count)));
        Assert.That(shares.Max(share => share.Partitions.Count()) - shares.Min(share => share.Partitions.Count()), Is.LessThanOrEqualTo(1), "nobody has more to do");
    }

    [Test]
    public void Every_customer_is_taken_care_of_by_the_owner_of_its_partition([Values(1, 2, 3, 16, 20)] int evaluators)
    {
        var shares = SharesOf(evaluators);

        foreach (var customer in Customers)
            Assert.That(shares.Where(share => share.Has(customer)), Is.EqualTo(shares.Where(share => share.Partitions.Contains(CustomerPartition.Of(customer)))).And.Exactly(1).Items);
    }

    [Test]
    public void Alone_it_has_all_of_it() => Assert.That(WorkShare.Of("only", ["only"]).Partitions, Is.EqualTo(WorkShare.Everything.Partitions));

    [Test]
    public void Who_knows_of_nobody_has_nothing()
    {
        Assert.That(WorkShare.Nothing.Partitions, Is.Empty);
        Assert.That(Customers.Where(WorkShare.Nothing.Has), Is.Empty);
        Assert.That(() => WorkShare.Of("who", ["others"]), Throws.ArgumentException);
    }

    [TestCase("customer-{0}")]
    [TestCase("{0:x8}")]
    [TestCase("{0}@example.com")]
    [TestCase("王小明{0}")]
    public void Customers_are_spread_evenly(string id)
    {
        var sizes = Enumerable.Range(0, 16_000).CountBy(number => CustomerPartition.Of(string.Format(System.Globalization.CultureInfo.InvariantCulture, id, number))).ToList();

        Assert.That(sizes, Has.Count.EqualTo(CustomerPartition.Count));
        Assert.That(sizes.Select(size => size.Value), Is.All.InRange(750, 1_250));
    }

    /// <summary>Published test vectors of FNV-1a: queues and stores keep what depends on it.</summary>
    [TestCase("", 0x811c9dc5u)]
    [TestCase("a", 0xe40c292cu)]
    [TestCase("foobar", 0xbf9cf968u)]
    public void The_hash_never_changes(string customer, uint hash) => Assert.That(CustomerHash.Of(customer), Is.EqualTo(hash));

    [TestCase("customer-1", 8)]
    [TestCase("ann", 1)]
    [TestCase("王小明", 15)]
    public void Nor_do_the_partitions(string customer, int partition) => Assert.That(CustomerPartition.Of(customer), Is.EqualTo(partition));

    private static List<WorkShare> SharesOf(int evaluators)
    {
        var signedIn = Enumerable.Range(0, evaluators).Select(number => $"evaluator-{number:00}").ToList();
        return signedIn.ConvertAll(evaluator => WorkShare.Of(evaluator, signedIn));
    }
}
