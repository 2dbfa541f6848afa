using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TaggingPipeline.Processing.Subscriptions;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>Signs as Standard Webhooks do.</summary>
/// <remarks>https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md</remarks>
internal static class WebhookSignature
{
    /// <summary>The header <c>webhook-signature</c>: a signature for each secret, separated by blanks.</summary>
    public static string Of(string messageId, long unixSeconds, ReadOnlySpan<byte> body, IEnumerable<SigningSecret> secrets)
    {
        var signed = (byte[])[.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{messageId}.{unixSeconds}.")), .. body];
        return string.Join(' ', secrets.Select(secret => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(secret.Key(), signed))}"));
    }
}
