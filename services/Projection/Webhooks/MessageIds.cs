using System.Security.Cryptography;
using System.Text;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>The header <c>webhook-id</c>.</summary>
internal static class MessageIds
{
    private const int Bytes = 16;

    /// <summary>The same changes always have the same id, whenever, by whichever process and to whomever they are delivered.</summary>
    /// <remarks>Made from the changes' ids instead of being one: those carry customers' ids, which may have characters that no header can have.</remarks>
    public static string Of(IEnumerable<string> changes) =>
        $"msg_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', changes))).AsSpan(0, Bytes))}";
}
