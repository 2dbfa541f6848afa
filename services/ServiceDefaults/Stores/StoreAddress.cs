using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Storage.Sqlite;
#if WITH_MONGODB
using TaggingPipeline.Storage.MongoDb;
#endif

namespace TaggingPipeline.ServiceDefaults.Stores;

/// <summary>Which store to use, as the setting <c>Store</c> names it.</summary>
public abstract partial record StoreAddress
{
    /// <summary>The forms that the setting may have.</summary>
    public const string Forms = "sqlite:PATH, such as sqlite:data/tagging.db, or mongodb://HOST:PORT/DATABASE and any other connection string of MongoDB";

    private const string SqliteScheme = "sqlite:";

    private StoreAddress()
    {
    }

    /// <summary>A file of this machine.</summary>
    public sealed record Sqlite(string Path) : StoreAddress
    {
        public override string ToString() => SqliteScheme + Path;
    }

    /// <summary>A database of a MongoDB deployment.</summary>
    public sealed record MongoDb(string ConnectionString) : StoreAddress
    {
        /// <summary>Without user and password, as it may stand in a log.</summary>
        public override string ToString() => Credentials().Replace(ConnectionString, "//");
    }

    /// <summary>Reads the setting.</summary>
    /// <param name="error">What is wrong; never a password. What is right, the <see cref="Forms"/> say.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out StoreAddress? address, [NotNullWhen(false)] out string? error)
    {
        (address, error) = Read(text);
        return error is null;
    }

    /// <exception cref="FormatException">It has none of the <see cref="Forms"/>.</exception>
    public static StoreAddress Parse(string text) => TryParse(text, out var address, out var error) ? address : throw new FormatException($"{error}; expected {Forms}");

    private static (StoreAddress? Address, string? Error) Read(string text)
    {
        if (text.StartsWith(SqliteScheme, StringComparison.Ordinal) && text.Length > SqliteScheme.Length)
            return (new Sqlite(text[SqliteScheme.Length..]), null);
        if (!text.StartsWith("mongodb://", StringComparison.Ordinal) && !text.StartsWith("mongodb+srv://", StringComparison.Ordinal))
            return (null, text.Contains('@') ? "it begins with none of them" : $"'{text}' is not a store");
        return MongoDbProblem(text) is { } problem ? (null, problem) : (new MongoDb(text), null);
    }

    [GeneratedRegex("//[^/]*@")]
    private static partial Regex Credentials();

#if WITH_MONGODB
    private static string? MongoDbProblem(string text) => MongoStorageRegistration.ProblemWith(text);
#else
    private static string? MongoDbProblem(string text) => "this build is without MongoDB: its packages could not be restored (see docs/operations.md)";
#endif
}

/// <summary>Puts the store into a host.</summary>
public static class StoreRegistration
{
    /// <summary>Adds every storage port.</summary>
    public static IServiceCollection AddStore(this IServiceCollection services, StoreAddress address) => address switch
    {
        StoreAddress.Sqlite sqlite => services.AddSqliteStorage(sqlite.Path),
#if WITH_MONGODB
        StoreAddress.MongoDb mongoDb => services.AddMongoStorage(mongoDb.ConnectionString),
#endif
        _ => throw new ArgumentOutOfRangeException(nameof(address), address, "No such store."),
    };
}
