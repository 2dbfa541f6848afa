using System.Security.Cryptography;
using System.Text;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Processing.Intake;

/// <summary>Turns what was sent and cannot be accepted into the record that is kept aside.</summary>
internal static class RejectionRecord
{
    public const int MaxPayloadBytes = 64 * 1024;

    /// <remarks>The id is a digest of what was sent and why it was rejected: the same again, as retries send it, is kept once.</remarks>
    public static RejectedEvent Of(ReadOnlySpan<byte> payload, Rejection rejection, string? messageId, DateTimeOffset receivedAt, SentAs sentAs) =>
        new()
        {
            Id = Digest(payload, rejection.Code, sentAs.Type),
            ReceivedAt = receivedAt,
            Code = rejection.Code,
            Reason = rejection.Reason,
            MessageId = messageId,
            Payload = Encoding.UTF8.GetString(Beginning(payload)),
            Source = sentAs.Source,
            Request = sentAs.Request,
        };

    /// <summary>Whether there may have been more than was kept.</summary>
    public static bool MayBeCut(ReadOnlySpan<byte> payload) => payload.Length > MaxPayloadBytes - 4;

    private static string Digest(ReadOnlySpan<byte> payload, string code, string? type)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData(Encoding.UTF8.GetBytes(code));
        digest.AppendData(payload);
        digest.AppendData(Encoding.UTF8.GetBytes(type ?? ""));
        return Convert.ToHexStringLower(digest.GetHashAndReset().AsSpan(0, 16));
    }

    /// <summary>As much as is kept, not cut within a character.</summary>
    private static ReadOnlySpan<byte> Beginning(ReadOnlySpan<byte> payload)
    {
        if (payload.Length <= MaxPayloadBytes)
            return payload;
        var end = MaxPayloadBytes;
        while (end > MaxPayloadBytes - 3 && (payload[end] & 0xC0) == 0x80)
            end--;
        return payload[..end];
    }
}
