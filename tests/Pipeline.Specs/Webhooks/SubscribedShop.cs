using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Processes;
using TaggingPipeline.Pipeline.Specs.Projection;
using TaggingPipeline.Projection.Changes;
using TaggingPipeline.Projection.Webhooks;

namespace TaggingPipeline.Pipeline.Specs.Webhooks;

/// <summary>Projection with its API and its deliveries, on a store of its own, whose customers change as a test tells.</summary>
internal sealed class SubscribedShop : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, ToldCustomer> _customers = [];

    private SubscribedShop(QueryServer server) => Server = server;

    public QueryServer Server { get; }

    public HttpClient Client => Server.Client;

    /// <param name="options">How deliveries differ from usual.</param>
    public static Task<SubscribedShop> StartAsync(WebhookOptions options) => StartAsync(services => services.AddSingleton(options));

    /// <param name="configure">What is different from usual.</param>
    public static async Task<SubscribedShop> StartAsync(Action<IServiceCollection>? configure = null) => new(await QueryServer.StartAsync(
        Rulebooks.WithSegments(("vips", "tag(vip)")),
        services =>
        {
            services.AddSingleton(Quick);
            configure?.Invoke(services);
        }));

    /// <summary>Pauses of milliseconds.</summary>
    public static WebhookOptions Quick { get; } = new() { FirstPause = NodaTime.Duration.FromMilliseconds(2), LongestPause = NodaTime.Duration.FromMilliseconds(20) };

    /// <summary>A tag of a customer comes to a value, and nothing else changes.</summary>
    public Task TellAsync(string customer, string key, object? value) => TellAsync((customer, key, value));

    public async Task TellAsync(params (string Customer, string Key, object? Value)[] changes)
    {
        var messages = new List<TagsChanged>();
        foreach (var (customer, key, value) in changes)
            messages.Add(Of(customer).Tells((key, value)));
        var outcomes = await Server.Services.GetRequiredService<ProjectionLine>().ProjectAsync(messages);
        Assert.That(outcomes, Has.All.EqualTo(TaggingPipeline.Processing.Projections.ProjectionOutcome.Stored));
    }

    public async Task TellTraitAsync(string customer, string name, object value) =>
        await Server.Services.GetRequiredService<ProjectionLine>().ProjectAsync([Of(customer).TellsTrait(name, value)]);

    /// <summary>Adds a subscription.</summary>
    /// <param name="asked">The body of the request.</param>
    public Task<JsonElement> SubscribeAsync(object asked) => DoAsync(HttpMethod.Post, "/api/subscriptions", asked);

    /// <summary>Adds a subscription with the name <c>s</c> to all changes from the first on.</summary>
    public Task<JsonElement> SubscribeAsync(WebhookReceiver receiver) => SubscribeAsync(new { id = "s", address = receiver.Url, start = "first" });

    public async Task<JsonElement> DoAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {text}");
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>What is refused: its status and the problem details.</summary>
    public async Task<(int Status, string? Parameter, string Detail)> RefusedAsync(HttpMethod method, string path, string body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, null, "application/json") };
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"), text);
        var problem = JsonSerializer.Deserialize<JsonElement>(text);
        return ((int)response.StatusCode, problem.TryGetProperty("parameter", out var parameter) ? parameter.GetString() : null, problem.GetProperty("detail").GetString()!);
    }

    public Task<JsonElement> ShowAsync(string id = "s") => Server.GetAsync($"/api/subscriptions/{id}");

    /// <summary>Waits until the subscription looks so.</summary>
    public async Task<JsonElement> ShownAsync(string what, Func<JsonElement, bool> holds, string id = "s")
    {
        JsonElement shown = default;
        await Eventually.HoldsAsync(what, Patience, async () => holds(shown = await ShowAsync(id)));
        return shown;
    }

    public Task<JsonElement> InStateAsync(string state, string id = "s") => ShownAsync($"{id} is {state}", shown => shown.GetProperty("state").GetString() == state, id);

    /// <summary>Waits until all of the feed is delivered.</summary>
    public Task CaughtUpAsync(string id = "s") => ShownAsync(
        $"{id} has caught up", shown => shown.GetProperty("position").GetString() == shown.GetProperty("newestPosition").GetString(), id);

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private ToldCustomer Of(string customer)
    {
        if (!_customers.TryGetValue(customer, out var told))
            _customers.Add(customer, told = new(customer));
        return told;
    }
}
