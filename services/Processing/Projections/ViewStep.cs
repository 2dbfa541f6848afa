using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Processing.Projections;

/// <summary>A view after one step, and what the step has to tell.</summary>
/// <remarks>Pure: the same view, message and rulebook give the same entries, byte for byte, so a step that is taken again tells nothing else.</remarks>
/// <param name="View">With the version of the view before: whoever saves it counts.</param>
/// <param name="Entries">In the order in which they shall stand in the feed.</param>
/// <param name="Crossings">The memberships that changed, as they became.</param>
internal readonly record struct ViewStep(CustomerView View, ImmutableArray<NewFeedEntry> Entries, ImmutableArray<Membership> Crossings)
{
    /// <summary>The view of a customer that no message told of yet.</summary>
    public static CustomerView Before(string customer, Rulebook rulebook) => new()
    {
        Customer = customer,
        Version = 0,
        Revision = 0,
        TagSequence = 0,
        SegmentSequence = 0,
        Rulebook = rulebook.Version,
        RulebookNumber = rulebook.Number,
        Tags = [],
        Traits = PropertyBag.Empty,
        Memberships = [],
    };

    /// <summary>Whether the message tells of a state that changes not seen yet led to: it came before one that was sent earlier.</summary>
    public static bool IsAhead(CustomerView view, TagsChanged message)
    {
        var seen = view.TagSequence;
        foreach (var change in message.Changes)
        {
            if (change.Sequence > seen && change.Sequence != ++seen)
                return true;
        }

        return message.Sequence > seen;
    }

    /// <summary>Takes in a message that is not ahead: its new changes, its state if that is newer, and the segments that follow.</summary>
    /// <remarks>
    /// Segments of one rulebook over tags of another would tell of moves that neither calls for. So where another one decided both the view's memberships and these tags, the
    /// memberships stay as they are until the tags come over.
    /// </remarks>
    public static ViewStep Take(CustomerView view, TagsChanged message, Rulebook rulebook)
    {
        var entries = ImmutableArray.CreateBuilder<NewFeedEntry>();
        foreach (var change in message.Changes)
        {
            if (change.Sequence > view.TagSequence)
                entries.Add(ChangeEntries.OfTag(message.CustomerId, change));
        }

        var isNewer = message.Revision > view.Revision;
        var taken = view with { TagSequence = Math.Max(view.TagSequence, message.Sequence) };
        if (isNewer)
        {
            taken = taken with
            {
                Revision = message.Revision,
                Tags = [.. message.Tags.Select(ToViewed).OrderBy(tag => tag.Key, StringComparer.Ordinal)],
                Traits = PropertyBag.Of(message.Traits.Select(trait => KeyValuePair.Create(trait.Key, ValueJson.Read(trait.Value)))),
            };
        }

        var isOfAnother = view.Rulebook != rulebook.Version;
        if (isOfAnother ? rulebook.Decided(message.Rulebook) : isNewer)
        {
            var (evaluated, segmentEntries, crossings) =
                SegmentMemberships.Evaluate(taken, view, rulebook, Instant.FromDateTimeOffset(message.DecidedAt), message.Cause, message.Run, message.IsQuiet);
            entries.AddRange(segmentEntries);
            return new(evaluated, entries.DrainToImmutable(), crossings);
        }

        return new(taken, entries.DrainToImmutable(), []);
    }

    private static ViewedTag ToViewed(HeldTag tag) =>
        new(tag.Key, tag.Category, ValueJson.Read(tag.Value), Instant.FromDateTimeOffset(tag.Since));
}
