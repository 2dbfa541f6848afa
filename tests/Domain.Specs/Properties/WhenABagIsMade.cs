using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.Domain.Specs.Properties;

public sealed class WhenABagIsMade
{
    [Test]
    public void It_has_its_values_by_name_and_of_two_with_one_name_the_later()
    {
        const int Seed = 7_100_000;
        TestContext.Out.WriteLine($"seeds from {Seed}");
        for (var seed = Seed; seed < Seed + 3_000; seed++)
        {
            var random = new Random(seed);
            var items = Enumerable.Range(0, random.Next(random.Next(4) == 0 ? 200 : 12))
                .Select(number => KeyValuePair.Create($"{(char)('A' + random.Next(60))}{(random.Next(2) == 0 ? "" : random.Next(20))}", random.Next(9) == 0 ? Value.Missing : Value.Of(number))).ToArray();
            var expected = new SortedDictionary<string, Value>(StringComparer.Ordinal);
            foreach (var (name, value) in items)
                expected[name] = value;

            Assert.That(PropertyBag.Of(items).Items.ToArray(), Is.EqualTo(expected.Where(item => !item.Value.IsMissing)), $"seed {seed}");
        }
    }
}
