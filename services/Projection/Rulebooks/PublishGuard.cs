using System.Security.Cryptography;
using System.Text;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Previews;

namespace TaggingPipeline.Projection.Rulebooks;

/// <summary>Keeps a rulebook from being published by mistake that would change more of a segment than is usual.</summary>
/// <param name="percent">How much of a segment may change without being confirmed, in percent of its members; 0 for any.</param>
public sealed class PublishGuard(RulebookPreview preview, int percent)
{
    /// <summary>Of more customers than this a part is looked at: a publication is to be answered within seconds.</summary>
    private const int LooksAt = 200_000;

    /// <summary>The segments of which publishing would change too much; none if the guard lets it pass.</summary>
    public async Task<IReadOnlyList<Movement>> CheckAsync(Rulebook candidate, Rulebook inForce, CancellationToken cancellationToken)
    {
        if (percent == 0 || candidate.Version == inForce.Version)
            return [];
        var result = await preview.RunAsync(candidate, new() { Sample = LooksAt, Examples = 0 }, cancellationToken);
        var refused = Refuses(result, inForce);
        return [.. result.Segments.Where(segment => refused.Contains(segment.Key))];
    }

    /// <summary>Keys of the segments of which too much would change. A segment that is new changes nothing that there was.</summary>
    public IReadOnlyList<string> Refuses(PreviewResult result, Rulebook inForce) => percent == 0 ? [] :
    [
        .. result.Segments
            .Where(segment => inForce.Segments.Any(rule => rule.Key == segment.Key) && (segment.Enter + segment.Leave) * 100m > percent * (decimal)segment.Before)
            .Select(segment => segment.Key),
    ];

    /// <summary>What a preview of the candidate over the rulebook in force is confirmed by. Worthless once something else is in force.</summary>
    public static string TokenOf(Rulebook inForce, Rulebook candidate) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{inForce.Version}\n{candidate.Version}")).AsSpan(0, 8));
}
