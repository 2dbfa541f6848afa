using NodaTime;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>Finds the versions of the rulebook that were in force.</summary>
public sealed class RulebookHistory(IRulebookVersions versions, CurrentRulebook current)
{
    private const int PageSize = 100;

    /// <summary>The rulebook in force at an instant, without a snapshot of the population; before the first version that one, and where nothing was published the one that is in force.</summary>
    /// <exception cref="InvalidOperationException">This software does not understand that version.</exception>
    public async Task<Rulebook> AsOfAsync(Instant at, CancellationToken cancellationToken)
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
            return current.Value;
        var (rulebook, errors) = RulebookFile.Compile((await versions.FindAsync(found.Number, cancellationToken))!.Content);
        return rulebook?.Numbered(found.Number) ?? throw new InvalidOperationException($"Version {found.Number} of the rulebook is not understood here: {errors[0]}");
    }
}
