using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace TaggingPipeline.Processing.DeadLetters;

/// <summary>A message that its consumer could not process.</summary>
/// <param name="Id">Ascending with <paramref name="FailedAt"/>; the same failure of the same message has the same.</param>
/// <param name="Queue">The queue that it was in, and can be sent to again.</param>
/// <param name="Reason">A name for what went wrong, the same for all of a kind: the type of an exception.</param>
/// <param name="Detail">What the exception said.</param>
/// <param name="ContentType">As it was sent; null for none.</param>
public sealed record DeadLetter(string Id, string Queue, string Reason, string Detail, Instant FailedAt, string? ContentType, ReadOnlyMemory<byte> Body)
{
    private const int InstantDigits = 12;
    private const int HashDigits = 16;

    /// <summary>Whether a text may be the id of a letter.</summary>
    public static bool IsId(string text) =>
        text.Length == InstantDigits + 1 + HashDigits && text[InstantDigits] == '-' && text.Remove(InstantDigits, 1).All(char.IsAsciiHexDigitLower);

    /// <summary>Names the failure of a message.</summary>
    public static DeadLetter Of(string queue, string reason, string detail, Instant failedAt, string? contentType, ReadOnlyMemory<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(queue));
        hash.AppendData([0]);
        hash.AppendData(body.Span);
        var id = string.Create(CultureInfo.InvariantCulture, $"{failedAt.ToUnixTimeMilliseconds():x12}-{Convert.ToHexStringLower(hash.GetHashAndReset())[..HashDigits]}");
        return new(id, queue, reason, detail, failedAt, contentType, body);
    }
}

/// <summary>Dead letters of one queue with one reason.</summary>
/// <param name="FirstAt">When the first of them failed.</param>
public sealed record DeadLetterGroup(string Queue, string Reason, long Count, Instant FirstAt, Instant LastAt);

/// <summary>Which dead letters somebody asks for; null for any.</summary>
public sealed record DeadLetterFilter(string? Queue, string? Reason);
