using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Evaluation;

namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>What became of a rulebook that was to be published.</summary>
public enum PublicationOutcome
{
    /// <summary>It is a version of its own, and in force.</summary>
    Published,

    /// <summary>Its content is what is in force already: there is no new version.</summary>
    InForceAlready,

    /// <summary>Another version is in force than was expected: nothing was done.</summary>
    Unexpected,
}

/// <param name="InForce">The version that is in force now; null where none was ever published.</param>
public readonly record struct Publication(PublicationOutcome Outcome, RulebookVersion? InForce);

/// <summary>A rulebook to be published.</summary>
/// <param name="Content">The text that <paramref name="Rulebook"/> was compiled from.</param>
public sealed record ProposedRulebook(string Content, Rulebook Rulebook, string Author, string Message, string Source);

/// <summary>Makes a rulebook the latest version, which every process then puts in force.</summary>
/// <remarks>Safe in several processes at once: versions come after each other, and none is lost.</remarks>
public sealed class RulebookPublisher(IRulebookVersions versions, CurrentRulebook current, TimeProvider clock)
{
    /// <summary>Publishes it, and puts it in force in this process.</summary>
    /// <param name="expected">The number that must be in force, 0 for none; null for any.</param>
    public async Task<Publication> PublishAsync(ProposedRulebook proposed, long? expected, CancellationToken cancellationToken)
    {
        while (true)
        {
            var latest = (await versions.ListAsync(before: null, limit: 1, cancellationToken)).SingleOrDefault();
            if (latest?.ContentHash == proposed.Rulebook.ContentHash)
                return new(PublicationOutcome.InForceAlready, latest);
            var before = latest?.Number ?? 0;
            if (expected is { } number && number != before)
                return new(PublicationOutcome.Unexpected, latest);

            var version = new RulebookVersion(
                before + 1, proposed.Rulebook.Name, proposed.Rulebook.ContentHash, proposed.Author, proposed.Message, proposed.Source, Revision.Now(clock));
            if (!await versions.AppendAsync(new(version, proposed.Content), cancellationToken))
                continue; // somebody else was first
            await current.FollowAsync(cancellationToken);
            return new(PublicationOutcome.Published, version);
        }
    }

    /// <summary>Publishes what a file says, unless a version after number <paramref name="since"/> said it: then the file is a copy of what was published, and whatever came into force after that stays.</summary>
    /// <returns>The latest such version; null where there was none, and this is in force.</returns>
    public async Task<RulebookVersion?> PublishUnlessKnownAsync(ProposedRulebook proposed, long since, CancellationToken cancellationToken)
    {
        while (true)
        {
            var latest = (await versions.ListAsync(before: null, limit: 1, cancellationToken)).SingleOrDefault()?.Number ?? 0;
            if (await versions.FindContentAsync(proposed.Rulebook.ContentHash, cancellationToken) is { } known && known.Number > since)
                return known;
            // Over nothing but what was looked through: it may be published, and gone back on, meanwhile.
            if ((await PublishAsync(proposed, latest, cancellationToken)).Outcome != PublicationOutcome.Unexpected)
                return null;
        }
    }
}
