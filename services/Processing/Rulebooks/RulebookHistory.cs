using NodaTime;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>Finds the versions of the rulebook that were in force.</summary>
public sealed class RulebookHistory(IRulebookVersions versions, CurrentRulebook current)
{
    private const int PageSize = 100;

    /// <summary>The rulebook in force at an instant, without a snapshot of the population; before the first version that one, and where nothing was published the one that is in force.</summary>
    /// <returns>The number of the version with it; no rulebook if this software does not understand that version: newer or older software must have published it.</returns>
    public async Task<(long Number, Rulebook? Rulebook)> AsOfAsync(Instant at, CancellationToken cancellationToken)
    {
        RulebookVersion? found = null;
        while (found is null || found.PublishedAt > at)
        {
            var page = await versions.ListAsync(found?.Number, PageSize, cancellationToken);
            if (page.Count == 0)
                break;
            found = page.FirstOrDefault(version => version.PublishedAt <= at) ?? page[^1];
        }

        if (found is null || found.Number == current.Value.Number)
            return (current.Value.Number, current.Value);
        var content = (await versions.FindAsync(found.Number, cancellationToken))!.Content;
        return (found.Number, RulebookFile.Compile(content).Rulebook?.Numbered(found.Number));
    }
}
