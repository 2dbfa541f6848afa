using System.Text;
using Microsoft.AspNetCore.Http;

namespace TaggingPipeline.Ingestion.Access;

/// <summary>The key that a request carries in its <c>Authorization</c> header.</summary>
internal static class AuthorizationHeader
{
    /// <summary>The write key of <c>Basic base64("writeKey:")</c>, or null; older clients leave the colon out.</summary>
    public static string? BasicUser(HttpRequest request)
    {
        if (Parameter(request, "Basic ") is not { } encoded)
            return null;
        var decoded = new byte[encoded.Length];
        if (!Convert.TryFromBase64Chars(encoded, decoded, out var length))
            return null;
        var user = decoded.AsSpan(0, length);
        if (user.IndexOf((byte)':') is >= 0 and var colon)
            user = user[..colon];
        return Encoding.UTF8.GetString(user);
    }

    /// <summary>The token of <c>Bearer token</c>, or null.</summary>
    public static string? BearerToken(HttpRequest request) => Parameter(request, "Bearer ");

    private static string? Parameter(HttpRequest request, string scheme)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? header[scheme.Length..].Trim() : null;
    }
}
