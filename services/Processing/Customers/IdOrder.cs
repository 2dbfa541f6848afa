namespace TaggingPipeline.Processing.Customers;

/// <summary>The order of ids by their bytes in UTF-8, which is that of all storage ports.</summary>
/// <remarks>It is that of UTF-16, but for surrogates: they stand for code points above all others.</remarks>
public static class IdOrder
{
    public static int Compare(string left, string right)
    {
        var same = left.AsSpan().CommonPrefixLength(right);
        if (same == left.Length || same == right.Length)
            return left.Length - right.Length;
        var (a, b) = (left[same], right[same]);
        return char.IsSurrogate(a) == char.IsSurrogate(b) ? a - b : char.IsSurrogate(a) ? 1 : -1;
    }
}
