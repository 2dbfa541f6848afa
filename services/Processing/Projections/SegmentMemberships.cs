using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Processing.Projections;

/// <summary>Brings a customer's memberships to their tags and traits.</summary>
internal static class SegmentMemberships
{
    /// <summary>Cause of a change that definitions made, not the customer.</summary>
    public const string RulebookCause = "rulebook";

    /// <summary>The view with its memberships evaluated, and an entry for each that changed.</summary>
    /// <param name="view">With the tags and traits to evaluate, and the memberships as they were.</param>
    /// <param name="before">The view as it was, to tell what new definitions changed from what the customer did.</param>
    /// <param name="at">Since when a changed membership is so; where it changed later already, by another clock, since then.</param>
    /// <param name="cause">Why tags or traits are not what they were.</param>
    /// <param name="run">The run that made them so; null where none did.</param>
    /// <param name="isQuiet">Whether nobody is told of what that run changed: then it takes no numbers but those of the history. What definitions change is told all the same.</param>
    public static ViewStep Evaluate(CustomerView view, CustomerView before, Rulebook rulebook, Instant at, string cause, string? run = null, bool isQuiet = false)
    {
        var tags = ByKey(view);
        var tagsBefore = before.Rulebook == rulebook.Version ? null : ReferenceEquals(before, view) ? tags : ByKey(before);
        var memberships = view.Memberships.ToDictionary(membership => membership.Segment, StringComparer.Ordinal);
        var entries = ImmutableArray.CreateBuilder<NewFeedEntry>();
        var crossings = ImmutableArray.CreateBuilder<Membership>();

        foreach (var rule in rulebook.Segments)
        {
            var (holds, clauses) = rule.Evaluate(tags, view.Traits);
            if (holds == memberships.GetValueOrDefault(rule.Key).IsMember)
                continue;
            // Under new definitions, what already holds for the tags as they were is not the message's doing.
            var isByDefinition = tagsBefore is not null && rule.Evaluate(tagsBefore, before.Traits).Holds == holds;
            Change(rule.Key, holds, new Reason(clauses, []), isByDefinition ? RulebookCause : cause);
        }

        foreach (var membership in view.Memberships)
        {
            if (membership.IsMember && !rulebook.Segments.Any(rule => rule.Key == membership.Segment))
                Change(membership.Segment, isMember: false, Reason.None, RulebookCause);
        }

        var evaluated = view with
        {
            Rulebook = rulebook.Version,
            RulebookNumber = rulebook.Number,
            SegmentSequence = view.SegmentSequence + entries.Count,
            Memberships = crossings.Count == 0
                ? view.Memberships
                : [.. memberships.Values.OrderBy(membership => membership.Segment, StringComparer.Ordinal)],
        };
        return new(evaluated, entries.DrainToImmutable(), crossings.DrainToImmutable());

        void Change(string segment, bool isMember, Reason reason, string changeCause)
        {
            var isKnown = memberships.TryGetValue(segment, out var known);
            // Intervals that went back in time would overlap: the customer would be a member twice at once.
            var since = isKnown ? Instant.Max(at, known.Since) : at;
            var isUntold = isQuiet && changeCause == cause;
            var changed = new Membership(segment, isMember, since, known.KeySequence + (isUntold ? 0 : 1), known.Quiet + (isUntold ? 1 : 0));
            memberships[segment] = changed;
            crossings.Add(changed);
            if (isUntold)
                return;
            entries.Add(ChangeEntries.OfSegment(
                view.Customer, changed, view.SegmentSequence + entries.Count + 1, reason, changeCause, changeCause == cause ? run : null, rulebook.Version));
        }
    }

    private static Dictionary<string, Value> ByKey(CustomerView view) =>
        view.Tags.ToDictionary(tag => tag.Key, tag => tag.Value, StringComparer.Ordinal);
}
