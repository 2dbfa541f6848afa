using TaggingPipeline.Processing.Customers;

namespace TaggingPipeline.Storage.MongoDb.Database;

/// <summary>The order of texts by their bytes in UTF-8, which is the server's and that of the ports.</summary>
internal sealed class Utf8Order : IComparer<string>
{
    private Utf8Order()
    {
    }

    public static Utf8Order Instance { get; } = new();

    public int Compare(string? x, string? y) => IdOrder.Compare(x ?? "", y ?? "");
}
