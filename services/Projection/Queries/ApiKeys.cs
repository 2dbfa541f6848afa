using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TaggingPipeline.ServiceDefaults.Settings;

namespace TaggingPipeline.Projection.Queries;

/// <summary>The keys that open <c>/api</c>.</summary>
/// <remarks>Digests of keys are compared, in constant time and all of them, so that neither a key's length nor its beginning can be measured.</remarks>
public sealed class ApiKeys(IOptions<TaggingSettings> settings)
{
    private const string Scheme = "Bearer ";

    private readonly byte[][] _digests = [.. settings.Value.ApiKeyList().Select(Digest)];

    /// <summary>Whether the value of an Authorization header carries one of the keys.</summary>
    public bool Accept(string? authorization)
    {
        if (authorization is null || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return false;
        var given = Digest(authorization[Scheme.Length..].Trim());
        var accepted = false;
        foreach (var digest in _digests)
            accepted |= CryptographicOperations.FixedTimeEquals(given, digest);
        return accepted;
    }

    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}

/// <summary>Puts routes behind the API keys.</summary>
public static class ApiKeyRoutes
{
    /// <summary>Answers 401 to requests to these routes that carry no valid key.</summary>
    public static RouteGroupBuilder RequireApiKey(this RouteGroupBuilder routes)
    {
        routes.AddEndpointFilter(static async (context, next) =>
        {
            var request = context.HttpContext.Request;
            if (context.HttpContext.RequestServices.GetRequiredService<ApiKeys>().Accept(request.Headers.Authorization))
                return await next(context);
            context.HttpContext.Response.Headers.WWWAuthenticate = "Bearer";
            return Problems.Unauthorized();
        });
        return routes;
    }
}
