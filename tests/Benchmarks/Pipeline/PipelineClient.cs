using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using TaggingPipeline.ServiceDefaults.Settings;

namespace TaggingPipeline.Benchmarks.Pipeline;

/// <summary>What load sends to a pipeline, and reads of it.</summary>
internal static class PipelineClient
{
    public static async Task<string> LastPositionAsync(HttpClient http)
    {
        for (var position = "0"; ;)
        {
            using var page = JsonDocument.Parse(await ChangesAsync(http, position));
            if (page.RootElement.GetProperty("next") is { ValueKind: not JsonValueKind.Null } next)
                position = next.ToString();
            if (page.RootElement.GetProperty("items").GetArrayLength() < 1000)
                return position;
        }
    }

    public static async Task<string> ChangesAsync(HttpClient http, string after)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/changes?limit=1000&after={after}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TaggingSettings.DevelopmentApiKey);
        using var answer = await http.SendAsync(request);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    public static HttpClient Client(string url, int connections)
    {
        var key = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(TaggingSettings.DevelopmentWriteKey + ":")));
        return new(new SocketsHttpHandler { MaxConnectionsPerServer = connections }) { BaseAddress = new Uri(url), DefaultRequestHeaders = { Authorization = key } };
    }

    public static ByteArrayContent Json(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    public static double Percentile(List<double> values, int percent)
    {
        values.Sort();
        return values[Math.Min(values.Count - 1, values.Count * percent / 100)];
    }
}
