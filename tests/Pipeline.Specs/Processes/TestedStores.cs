namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>The stores on which several processes are tested together.</summary>
public static class TestedStores
{
    public const string Sqlite = "SQLite";

    private const string MongoDb = "MongoDB";

    /// <summary>A server of MongoDB with one host, such as <c>mongodb://127.0.0.1:27017/?replicaSet=rs0</c>.</summary>
    private static readonly string? Server = Environment.GetEnvironmentVariable("TAGGING_TEST_MONGODB");

    /// <summary>SQLite, and MongoDB where a server is named.</summary>
    public static IEnumerable<string> All => string.IsNullOrEmpty(Server) ? [Sqlite] : [Sqlite, MongoDb];

    /// <summary>The setting <c>Store</c> that leads to a new store of that kind.</summary>
    public static string NewAddress(string kind, TemporaryFolder folder) =>
        kind == Sqlite ? $"sqlite:{folder[$"{Guid.NewGuid():n}.db"]}" : new UriBuilder(Server!) { Path = $"tagging-test-{Guid.NewGuid():n}" }.Uri.ToString();
}
