using System.Globalization;
using TaggingPipeline.Processing;

namespace TaggingPipeline.Storage.Sqlite.Database;

/// <summary>The tables, and how a file of an earlier version comes to have them.</summary>
/// <remarks>
/// The file's <c>user_version</c> is the number of migrations it has had. Text is compared by the bytes of its UTF-8 form, which is the order of code points.
/// Instants are whole milliseconds since the Unix epoch.
/// </remarks>
internal static class Schema
{
    /// <summary>"TAGP": marks the file as ours, so that another application's database is not taken for an empty store.</summary>
    private const long ApplicationId = 0x54414750;

    /// <summary>Refuses a file that this version cannot use. Changes nothing.</summary>
    public static void Check(Session session)
    {
        var version = VersionOf(session);
        if (version > Migrations.All.Length)
        {
            throw new StorageException(
                $"its format has version {version}, and this software knows formats up to {Migrations.All.Length}; use the version that wrote it, or a newer one");
        }

        if (session.Run("PRAGMA application_id") is not ApplicationId && session.Run("SELECT count(*) FROM sqlite_schema") is not 0L)
            throw new StorageException("it is the database of another application");
    }

    /// <summary>Brings the file to the current version. Several processes may try at once.</summary>
    public static void Migrate(Session session)
    {
        while (VersionOf(session) < Migrations.All.Length)
        {
            session.InTransaction(session =>
            {
                // Another process may have been first: the version counts that is read under the write lock.
                var version = VersionOf(session);
                if (version >= Migrations.All.Length)
                    return;
                session.Run(Migrations.All[version]);
                session.Run($"PRAGMA application_id = {ApplicationId}");
                session.Run($"PRAGMA user_version = {version + 1}");
            });
        }

        Check(session);
    }

    private static int VersionOf(Session session) => Convert.ToInt32(session.Run("PRAGMA user_version"), CultureInfo.InvariantCulture);
}
