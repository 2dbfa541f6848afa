using System.Security.Cryptography;
using System.Text;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Previews;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Projection.Rulebooks;

/// <summary>What the guard saw.</summary>
/// <param name="InForce">The number of the version that was in force; 0 where none was ever published.</param>
/// <param name="Refused">The segments of which too much would change; none if it may be published.</param>
/// <param name="Token">Confirms it all the same.</param>
/// <param name="IsTokenStale">Whether a token was given that confirms something else.</param>
public sealed record GuardLook(long InForce, int Percent, IReadOnlyList<Movement> Refused, string Token, bool IsTokenStale)
{
    /// <summary>What was looked at; null where there was no need to.</summary>
    public PreviewResult? Result { get; init; }

    /// <summary>Whether what is in force says the same.</summary>
    public bool IsInForceAlready { get; init; }
}

/// <summary>Keeps a rulebook from being published by mistake that would change more of a segment than is usual.</summary>
/// <param name="percent">How much of a segment may change without being confirmed, in percent of its members; 0 for any.</param>
public sealed class PublishGuard(RulebookPreview preview, CurrentRulebook current, int percent)
{
    /// <summary>Of more customers than this a sample is looked at: a publication is to be answered within seconds.</summary>
    internal int LooksAt { get; init; } = 200_000;

    /// <summary>Tries a rulebook on the customers, unless the token confirms it, or it cannot be published over what is in force.</summary>
    /// <param name="token">From <see cref="TokenOf"/>; null for none.</param>
    /// <param name="expected">The number of the version over which it is to be published; null for any.</param>
    public async Task<GuardLook> LookAsync(Rulebook candidate, string? token, long? expected, CancellationToken cancellationToken)
    {
        await current.FollowAsync(cancellationToken); // another process may have published meanwhile
        var inForce = current.Value;
        var needed = TokenOf(inForce, candidate);
        if (percent == 0 || token == needed || candidate.Version == inForce.Version || (expected is { } number && number != inForce.Number))
            return new(inForce.Number, percent, [], needed, IsTokenStale: false) { IsInForceAlready = candidate.Version == inForce.Version };
        var result = await preview.RunAsync(candidate, new() { Sample = LooksAt, Examples = 0 }, cancellationToken);
        var refused = Refuses(result, inForce, candidate);
        return new(inForce.Number, percent, [.. result.Segments.Where(segment => refused.Contains(segment.Key))], needed, IsTokenStale: token is not null) { Result = result };
    }

    /// <summary>Keys of the segments of which too much would change, or may, for all that was looked at. A segment that is new changes nothing that there was.</summary>
    public IReadOnlyList<string> Refuses(PreviewResult result, Rulebook inForce, Rulebook candidate) => percent == 0 ? [] :
    [
        .. from segment in result.Segments
           let before = inForce.Segments.FirstOrDefault(rule => rule.Key == segment.Key)
           let after = candidate.Segments.FirstOrDefault(rule => rule.Key == segment.Key)
           let moved = segment.Enter + segment.Leave
           where before is not null && (moved > 0 || after?.IsWrittenAs(before) != true)
               // Of a sample the bounds where they are worst: it may have nobody of a small segment, and tell nothing. Of all customers they are what was counted.
               && result.Estimate(moved).Most * 100m > percent * (decimal)result.Estimate(segment.Before).Least
           select segment.Key,
    ];

    /// <summary>What a preview of the candidate over the rulebook in force is confirmed by. Worthless once another version is in force, also one that says the same.</summary>
    public static string TokenOf(Rulebook inForce, Rulebook candidate) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{inForce.Number}\n{inForce.Version}\n{candidate.Version}")).AsSpan(0, 8));
}
