namespace TaggingPipeline.Domain.Customers;

/// <summary>Brings facts within their limits, and lets go of what no rule can see any longer.</summary>
internal static class Settling
{
    /// <summary>The facts without what no window can reach at an instant or later, and with what they keep one by one within its limits.</summary>
    public static CustomerFacts Settle(CustomerFacts known, long asOf)
    {
        if (asOf < known.NextToSettle)
            return known;
        var closed = known.Closed.Edit();
        var orders = OrderSeries.Close(known.Orders, ref closed, known.Measures);
        return new CustomerFacts(known) { Series = Settle(known.Series, asOf), Closed = Settle(closed.ToList(), asOf), Orders = orders };
    }

    private static DueList<Series> Settle(DueList<Series> known, long asOf)
    {
        var settled = known.Edit();
        for (var chunk = 0; chunk < known.Chunks; chunk++)
        {
            if (asOf < known.DueOf(chunk))
                continue;
            var items = known.ItemsOf(chunk);
            for (var i = 0; i < items.Length; i++)
            {
                if (asOf >= items[i].Due)
                    settled[(chunk * DueList<Series>.ChunkSize) + i] = items[i].Settle(asOf);
            }
        }

        return settled.ToList();
    }
}
