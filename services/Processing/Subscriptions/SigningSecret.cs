using NodaTime;

namespace TaggingPipeline.Processing.Subscriptions;

/// <summary>A secret that deliveries are signed with, as Standard Webhooks write it: <c>whsec_</c> and 24 to 64 bytes in base64.</summary>
/// <param name="Text">Sound: <see cref="ProblemWith"/> found nothing.</param>
/// <param name="EndsAt">From then on nothing is signed with it; null for never.</param>
public sealed record SigningSecret(string Text, Instant? EndsAt)
{
    public const string Prefix = "whsec_";
    public const int LeastBytes = 24;
    public const int MostBytes = 64;

    /// <summary>The bytes that sign.</summary>
    public byte[] Key() => Convert.FromBase64String(Text[Prefix.Length..]);

    public bool IsInForce(Instant now) => EndsAt is not { } end || now < end;

    public static SigningSecret Of(ReadOnlySpan<byte> key) => new(Prefix + Convert.ToBase64String(key), null);

    /// <summary>What is wrong with a secret, without repeating it; null if nothing is.</summary>
    public static string? ProblemWith(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
            return $"it does not begin with {Prefix}";
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text[Prefix.Length..], bytes, out var count))
            return $"what follows {Prefix} is not base64";
        return count is >= LeastBytes and <= MostBytes ? null : $"it has {count} bytes, and must have {LeastBytes} to {MostBytes}";
    }

    /// <remarks>A secret must not get into a log by a slip.</remarks>
    public override string ToString() => $"{Prefix}…";
}
