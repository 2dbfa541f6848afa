using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using TaggingPipeline.CommandLine.Mapping;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

/// <summary>Maps a file that a test makes up.</summary>
internal static class MappedFile
{
    /// <summary>What the rows of a file become.</summary>
    /// <param name="map">Null for JSON lines that are events already.</param>
    public static async Task<IReadOnlyList<MappedRow>> RowsAsync(string fileName, byte[] content, string? map)
    {
        using var run = new CommandRun();
        var path = Path.Combine(run.Folder, fileName);
        await File.WriteAllBytesAsync(path, content);
        var mapPath = map is null ? null : run.Write("shop.map.yaml", map);
        using var file = await EventFile.OpenAsync(path, mapPath, CancellationToken.None);
        return [.. file.Rows()];
    }

    public static Task<IReadOnlyList<MappedRow>> RowsAsync(string fileName, string content, string? map) =>
        RowsAsync(fileName, Encoding.UTF8.GetBytes(content), map);

    public static byte[] Gzip(string content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(content));
        return packed.ToArray();
    }

    /// <summary>The properties of a row's event as JSON, without needless escapes.</summary>
    public static string Properties(MappedRow row)
    {
        if (row.Event?.Properties is not { } properties)
            return $"no properties: {row.Rejection?.Reason}";
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = ContractsJson.Options.Encoder }))
            ValueJson.WritePlain(json, ValueJson.Read(properties));
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
