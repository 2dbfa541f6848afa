using TaggingPipeline.Projection.Webhooks;

namespace TaggingPipeline.Pipeline.Specs.Webhooks;

public sealed class WhenTheWindowIsTakenFrom
{
    [Test]
    public void Each_customer_has_one_delivery_under_way_and_the_position_never_passes_what_is_not_delivered([Range(1, 40)] int seed)
    {
        TestContext.Out.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        var window = new DeliveryWindow(50);
        var (read, position) = (0, 0L);
        var underWay = new List<Delivery>();
        var (added, delivered) = (new List<long>(), new HashSet<long>());
        var order = new Dictionary<string, List<long>>();
        while (delivered.Count < 500)
        {
            switch (random.Next(4))
            {
                case 0 when read < 500 && window.Room > 0:
                    position += random.Next(1, 4); // positions may be skipped
                    window.Add(new(position, $"id-{position}", $"c{random.Next(8)}", "tag.added", "k", ReadOnlyMemory<byte>.Empty));
                    added.Add(position);
                    read++;
                    break;
                case 1 when window.Take(random.Next(1, 6)) is { } taken:
                    Assert.That(taken.Entries.Select(entry => entry.Customer).Intersect(underWay.SelectMany(each => each.Entries.Select(entry => entry.Customer))), Is.Empty);
                    underWay.Add(taken);
                    break;
                case 2 when underWay.Count > 0:
                    var done = underWay[random.Next(underWay.Count)];
                    underWay.Remove(done);
                    window.Delivered(done);
                    foreach (var entry in done.Entries)
                    {
                        delivered.Add(entry.Position);
                        if (!order.TryGetValue(entry.Customer, out var line))
                            order.Add(entry.Customer, line = []);
                        line.Add(entry.Position);
                    }

                    break;
                case 3 when underWay.Find(each => each.Entries.Count > 1) is { } refused:
                    underWay.Remove(refused);
                    underWay.AddRange(window.Split(refused));
                    break;
            }

            var to = window.DeliveredTo(position);
            Assert.That(added.Where(each => each <= to), Is.SubsetOf(delivered));
        }

        Assert.That(order.Values, Is.All.Ordered);
        Assert.That((window.DeliveredTo(position), window.IsEmpty), Is.EqualTo((position, true)));
    }

    [Test]
    public void The_position_stays_before_the_first_that_is_not_delivered()
    {
        var window = new DeliveryWindow(10);
        foreach (var (position, customer) in new[] { (3, "a"), (5, "b"), (9, "a") })
            window.Add(new(position, $"{position}", customer, "tag.added", "k", ReadOnlyMemory<byte>.Empty));

        var (first, second) = (window.Take(1)!, window.Take(1)!);
        Assert.That(window.Take(1), Is.Null, "the rest waits behind the first");
        window.Delivered(second);
        Assert.That(window.DeliveredTo(12), Is.EqualTo(2));
        window.Delivered(first);
        Assert.That(window.DeliveredTo(12), Is.EqualTo(8));
        window.Delivered(window.Take(1)!);
        Assert.That(window.DeliveredTo(12), Is.EqualTo(12));
    }
}
