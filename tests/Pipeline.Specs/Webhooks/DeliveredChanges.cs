using System.Text.Json;

namespace TaggingPipeline.Pipeline.Specs.Webhooks;

/// <summary>What a subscriber may rely on about all that it has taken.</summary>
internal static class DeliveredChanges
{
    /// <summary>Without what came again, each customer's changes of a kind have the numbers 1, 2, 3, … in this order, and there are so many in all.</summary>
    public static void AssertOrdered(IEnumerable<Received> taken, int count) => Assert.That(AssertOrdered(taken), Is.EqualTo(count));

    /// <returns>How many changes there are, without what came again.</returns>
    public static int AssertOrdered(IEnumerable<Received> taken)
    {
        var changes = taken.SelectMany(each => each.Changes).DistinctBy(change => change.GetProperty("id").GetString()).ToList();
        foreach (var line in changes.GroupBy(LineOf))
            Assert.That(line.Select(change => change.GetProperty("sequence").GetInt64()), Is.EqualTo(Enumerable.Range(1, line.Count())), line.Key.ToString());
        return changes.Count;
    }

    private static (string? Customer, string? Kind) LineOf(JsonElement change) =>
        (change.GetProperty("subject").GetString(), change.GetProperty("type").GetString()!.Split('.')[0]);
}
