using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using NodaTime;

namespace TaggingPipeline.Storage.Sqlite.Database;

/// <summary>Values between rows and code.</summary>
internal static class RowValues
{
    public static Instant GetInstant(this SqliteDataReader row, int column) => Instant.FromUnixTimeMilliseconds(row.GetInt64(column));

    /// <summary>The bytes as the driver takes them: the array itself where they are all of one.</summary>
    public static byte[] AsBlob(this ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Offset == 0 && segment.Array!.Length == segment.Count ? segment.Array : bytes.ToArray();
}
