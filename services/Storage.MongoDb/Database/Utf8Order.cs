namespace TaggingPipeline.Storage.MongoDb.Database;

/// <summary>The order of texts by their bytes in UTF-8, which is the server's and that of the ports.</summary>
/// <remarks>It is that of UTF-16, but for surrogates: they stand for code points above all others.</remarks>
internal sealed class Utf8Order : IComparer<string>
{
    private Utf8Order()
    {
    }

    public static Utf8Order Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var left = x.AsSpan();
        var right = y.AsSpan();
        var same = left.CommonPrefixLength(right);
        if (same == left.Length || same == right.Length)
            return left.Length - right.Length;
        var (a, b) = (left[same], right[same]);
        return char.IsSurrogate(a) == char.IsSurrogate(b) ? a - b : char.IsSurrogate(a) ? 1 : -1;
    }
}
