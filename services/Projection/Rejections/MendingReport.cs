using System.Collections.Immutable;
using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Rejections;

namespace TaggingPipeline.Projection.Rejections;

/// <summary>What becomes of rejected events that are mended: of all in numbers, of some in full.</summary>
/// <param name="Selected">How many were looked at.</param>
/// <param name="Accepted">How many of them are accepted: in a preview they would be, otherwise they have been sent.</param>
/// <param name="Rejected">How many are still rejected.</param>
/// <param name="Failed">How many cannot be mended so; they are as they were.</param>
/// <param name="Events">How many events those accepted are: a body that holds many is one rejection.</param>
/// <param name="NewRejections">How many events of such bodies are rejected by themselves.</param>
/// <param name="Reasons">Why those that are not accepted are not.</param>
/// <param name="Next">Where to go on, if there are more than were looked at; null for nowhere.</param>
internal sealed record MendingReport(
    int Selected, int Accepted, int Rejected, int Failed, int Events, int NewRejections,
    IReadOnlyList<ReasonCount> Reasons, IReadOnlyList<StepCount> Steps, IReadOnlyList<ShownReview> Items, string? Next);

/// <param name="Reason">Of one of them; the others may have other numbers in it.</param>
internal sealed record ReasonCount(string Code, string Pattern, string Reason, int Count);

/// <param name="Applied">To how many it applied, of those that did not fail.</param>
internal sealed record StepCount(string Step, int Applied, int NotApplied);

/// <summary>One rejection, mended.</summary>
/// <param name="Outcome"><c>accepted</c>, <c>rejected</c> or <c>failed</c>.</param>
/// <param name="Before">As JSON where it can be read as such, otherwise as text; <c>after</c> likewise.</param>
/// <param name="Events">What is sent of it.</param>
internal sealed record ShownReview(
    string Id, string Outcome, string? Code, string? Reason, IReadOnlyList<string> NotApplied, JsonElement? Before, JsonElement? After, IReadOnlyList<ShopEvent> Events);

/// <summary>Adds up what becomes of rejections one after the other.</summary>
internal sealed class MendingTally(ImmutableArray<MendingStep> steps, int sample)
{
    /// <summary>Of a body of thousands.</summary>
    private const int MostEventsShown = 20;

    private readonly Dictionary<(string, string), ReasonCount> _reasons = [];
    private readonly int[] _notApplied = new int[steps.Length];
    private readonly int[] _applied = new int[steps.Length];
    private readonly List<ShownReview> _items = [];
    private readonly int[] _outcomes = new int[3];
    private int _events;
    private int _parts;

    public int Accepted => _outcomes[(int)ReviewOutcome.Accepted];

    public void Add(ReviewedRejection review)
    {
        _outcomes[(int)review.Outcome]++;
        _events += review.Events.Count;
        _parts += review.Parts.Count;
        if (review.Why is { } why)
        {
            var pattern = ReasonPattern.Of(why.Reason);
            var before = _reasons.GetValueOrDefault((why.Code, pattern), new(why.Code, pattern, why.Reason, 0));
            _reasons[(why.Code, pattern)] = before with { Count = before.Count + 1 };
        }

        for (var i = 0; i < steps.Length && review.After is not null; i++)
        {
            var applied = review.NotApplied.All(step => step.Step != i);
            (applied ? _applied : _notApplied)[i]++;
        }

        var isAccepted = review.Outcome == ReviewOutcome.Accepted;
        if (_items.Count(item => item.Outcome == "accepted" == isAccepted) < sample)
            _items.Add(Show(review));
    }

    public MendingReport Report(string? next) => new(
        _outcomes.Sum(), Accepted, _outcomes[(int)ReviewOutcome.Rejected], _outcomes[(int)ReviewOutcome.Failed], _events, _parts,
        [.. _reasons.Values.OrderByDescending(reason => reason.Count).ThenBy(reason => reason.Code, StringComparer.Ordinal).ThenBy(reason => reason.Pattern, StringComparer.Ordinal)],
        [.. steps.Select((step, i) => new StepCount(MendingSteps.Write([step])![1..^1], _applied[i], _notApplied[i]))],
        _items, next);

    private static ShownReview Show(ReviewedRejection review) => new(
        review.Rejection.Id,
        review.Outcome switch { ReviewOutcome.Accepted => "accepted", ReviewOutcome.Rejected => "rejected", _ => "failed" },
        review.Why?.Code, review.Why?.Reason,
        [.. review.NotApplied.Select(step => $"steps[{step.Step}]: {step.Why}")],
        RejectionReview.ToElement(review.Before), review.After is { } after ? RejectionReview.ToElement(after) : null,
        [.. review.Events.Take(MostEventsShown)]);
}
