using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.ServiceDefaults.Settings;

namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>Sends a few events to a host, and asks what came of them.</summary>
public static class Tracking
{
    /// <param name="tracked">Items of a batch.</param>
    public static async Task SendAsync(HostProcess host, params object[] tracked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/batch") { Content = JsonContent.Create(new { batch = tracked }) };
        request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(TaggingSettings.DevelopmentWriteKey + ":")));
        using var response = await host.Client.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>The keys of the tags that the customer holds; none for a customer who is not known yet.</summary>
    public static async Task<IReadOnlyList<string>> TagsAsync(HostProcess host, string customer)
    {
        using var response = await host.Client.GetAsync($"/api/customers/{customer}");
        if (response.StatusCode == HttpStatusCode.NotFound)
            return [];
        var body = await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        return [.. body.GetProperty("tags").EnumerateArray().Select(tag => tag.GetProperty("key").GetString()!)];
    }

    /// <summary>The customer's changes, in the order of the feed; none for a customer who is not known yet.</summary>
    public static async Task<IReadOnlyList<ChangeEnvelope>> ChangesAsync(HostProcess host, string customer)
    {
        using var response = await host.Client.GetAsync($"/api/customers/{customer}/changes");
        if (response.StatusCode == HttpStatusCode.NotFound)
            return [];
        var page = await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Page>(ContractsJson.Options);
        return page!.Items;
    }

    private sealed record Page(IReadOnlyList<ChangeEnvelope> Items);
}
