using System.Diagnostics;
using System.Net.Http.Headers;
using TaggingPipeline.ServiceDefaults.Settings;

namespace TaggingPipeline.Benchmarks.Segments;

/// <summary>Reads a large segment over HTTP, within the process that answers: its managed memory is the server's and the little that the client takes.</summary>
internal static class SegmentReads
{
    public static async Task MeasureAsync(string url, string segment, TextWriter output)
    {
        using var http = new HttpClient { BaseAddress = new(url), Timeout = TimeSpan.FromMinutes(10) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TaggingSettings.DevelopmentApiKey);
        var members = $"/api/segments/{segment}/members";
        var now = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        output.WriteLine("Read over HTTP, a client in the same process:");
        await MeasureAsync(http, "export as CSV", members, "text/csv", output);
        await MeasureAsync(http, "export as JSON lines", members, "application/x-ndjson", output);
        await MeasureAsync(http, "export as CSV, as of an instant", $"{members}?at={now}", "text/csv", output);
        await MeasureAsync(http, "a page of 1,000 members", $"{members}?limit=1000", "application/json", output);
        await MeasureAsync(http, "a page of 1,000 customers of the snapshot", "/api/snapshot?limit=1000", "application/json", output);
        await MeasureAsync(http, "31 days", $"/api/segments/{segment}/history", "application/json", output);
        await MeasureAsync(http, "1,000 changes of a day, with totals", $"/api/segments/{segment}/changes?from=2025-01-01T00:00:00Z&limit=1000", "application/json", output);
        await MeasureAsync(http, "overlap with all other segments", $"/api/segments/{segment}/overlap", "application/json", output);
    }

    private static async Task MeasureAsync(HttpClient http, string what, string path, string mediaType, TextWriter output)
    {
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var peak = before;
        await using var sampling = new Timer(_ => peak = Math.Max(peak, GC.GetTotalMemory(false)), null, 0, 5);
        var started = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd(mediaType);
        using var response = (await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead)).EnsureSuccessStatusCode();
        var (bytes, lines) = await CountAsync(await response.Content.ReadAsStreamAsync());
        var took = Stopwatch.GetElapsedTime(started);
        output.WriteLine(
            $"  {what,-45} {took.TotalMilliseconds,9:N0} ms   {bytes / 1e6,7:N1} MB, {lines,9:N0} lines   managed memory from {before / 1e6:N0} MB up to {peak / 1e6:N0} MB");
    }

    private static async Task<(long Bytes, long Lines)> CountAsync(Stream stream)
    {
        var buffer = new byte[64 * 1024];
        var (bytes, lines) = (0L, 0L);
        for (int read; (read = await stream.ReadAsync(buffer)) > 0; bytes += read)
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
        return (bytes, lines);
    }
}
