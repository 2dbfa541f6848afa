using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

/// <summary>A server on loopback that answers with JSON written down beforehand, by path and query; 404 for anything else.</summary>
internal sealed class ApiStub : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiStub(WebApplication app) => _app = app;

    /// <summary>How long it takes to answer.</summary>
    public TimeSpan Takes { get; set; }

    public string Url => _app.Urls.Single();

    public static async Task<ApiStub> StartAsync(IReadOnlyDictionary<string, string> answers)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var stub = new ApiStub(app);
        app.Run(async context =>
        {
            await Task.Delay(stub.Takes, context.RequestAborted);
            var asked = context.Request.Path + context.Request.QueryString;
            if (context.Request.Headers.Authorization != "Bearer dev-api-key")
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            else if (!answers.TryGetValue(asked, out var answer))
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            else
                await context.Response.WriteAsync(answer);
        });
        await app.StartAsync();
        return stub;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
