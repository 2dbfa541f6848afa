using System.Text;

namespace TaggingPipeline.Processing.Customers;

/// <summary>A number for each customer, by which customers are divided.</summary>
public static class CustomerHash
{
    /// <summary>FNV-1a of the id in UTF-8, http://www.isthe.com/chongo/tech/comp/fnv/: the same in every process and for ever, unlike the framework's hashes.</summary>
    public static uint Of(string customer)
    {
        var length = Encoding.UTF8.GetMaxByteCount(customer.Length);
        Span<byte> bytes = length <= 1_024 ? stackalloc byte[length] : new byte[length];
        var hash = 2_166_136_261;
        foreach (var value in bytes[..Encoding.UTF8.GetBytes(customer, bytes)])
            hash = (hash ^ value) * 16_777_619;
        return hash;
    }
}
