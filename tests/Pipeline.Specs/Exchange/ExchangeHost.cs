using System.Net.Http.Json;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Projection;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Projection;
using TaggingPipeline.Projection.Queries;
using TaggingPipeline.ServiceDefaults.Bus;
using TaggingPipeline.ServiceDefaults.Settings;
using TaggingPipeline.Storage.Sqlite;

namespace TaggingPipeline.Pipeline.Specs.Exchange;

/// <summary>Projection with its API on a bus, in the test's process.</summary>
internal sealed class ExchangeHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ExchangeHost(WebApplication app)
    {
        _app = app;
        Client = new() { BaseAddress = new(app.Urls.Single()) };
        Client.DefaultRequestHeaders.Authorization = new("Bearer", QueryServer.Key);
    }

    public HttpClient Client { get; }

    public string Url => _app.Urls.Single();

    public IServiceProvider Services => _app.Services;

    /// <param name="store">The path of a SQLite file, which several may use.</param>
    public static async Task<ExchangeHost> StartAsync(string bus, string store, Action<IServiceCollection>? change = null, Action<IBusRegistrationConfigurator>? addConsumers = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(Options.Create(new TaggingSettings { ApiKeys = QueryServer.Key }));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(new CurrentRulebook(Rulebooks.WithSegments(("best", "tag(vip)"))));
        builder.Services.AddSqliteStorage(store);
        builder.Services.AddTaggingBus(BusAddress.Parse(bus), consumers =>
        {
            consumers.AddProjectionConsumers();
            addConsumers?.Invoke(consumers);
        });
        builder.Services.AddProjection();
        change?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapQueries();
        await app.StartAsync();
        return new(app);
    }

    public Task ProjectAsync(params TagsChanged[] messages) => _app.Services.GetRequiredService<TagChangeProjector>().ProjectAsync(messages, CancellationToken.None);

    public async Task<(int Status, JsonElement Body)> AskAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
