namespace TaggingPipeline.Processing.Customers;

/// <summary>The part of all customers to which one belongs: what evaluators divide among themselves.</summary>
/// <remarks>Fixed for ever, like the queues that are named after them: events of a customer wait in the queue of its partition.</remarks>
public static class CustomerPartition
{
    public const int Count = 16;

    /// <returns>0 to <see cref="Count"/> - 1.</returns>
    /// <remarks>Both halves of the hash, as FNV's authors advise: its lowest bits alone depend on nothing but the lowest bits of each byte.</remarks>
    public static int Of(string customer)
    {
        var hash = CustomerHash.Of(customer);
        return (int)((hash ^ (hash >> 16)) % Count);
    }
}
