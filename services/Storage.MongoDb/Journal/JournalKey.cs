using System.Globalization;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Storage.MongoDb.Journal;

/// <summary>Ids of journal documents, such as <c>9f3a01bc3:ann/e-1</c>: a hash of the customer, the customer's length and id, and the event's id.</summary>
/// <remarks>
/// One index does everything: ids are unique, a customer's events lie together, and whoever goes through them meets one customer after another. The hash
/// also spreads customers over the shards.
/// </remarks>
internal static class JournalKey
{
    private const int HashDigits = 8;

    public static string Of(EventKey key) => PrefixOf(key.Customer) + '/' + key.EventId;

    public static EventKey Parse(string id)
    {
        var colon = id.IndexOf(':', HashDigits);
        var length = int.Parse(id.AsSpan(HashDigits, colon - HashDigits), NumberStyles.None, CultureInfo.InvariantCulture);
        return new(id.Substring(colon + 1, length), id[(colon + 1 + length + 1)..]);
    }

    /// <summary>The ids of a customer: from the first, inclusively, to the second, exclusively.</summary>
    public static (string From, string To) RangeOf(string customer)
    {
        var prefix = PrefixOf(customer);
        return (prefix + '/', prefix + (char)('/' + 1));
    }

    private static string PrefixOf(string customer) => string.Create(CultureInfo.InvariantCulture, $"{TextOf(CustomerHash.Of(customer))}{customer.Length}:{customer}");

    private static string TextOf(uint hash) => hash.ToString("x8", CultureInfo.InvariantCulture);
}
