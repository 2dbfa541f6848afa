using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Rules.Expressions;

namespace TaggingPipeline.Domain.Rules;

/// <summary>Tags of which a customer holds one at most: the one last assigned by hand, else the first in the rulebook that is called for.</summary>
/// <remarks>Filled while the rulebook is compiled, in its order; after that it does not change.</remarks>
internal sealed class TagGroup(string name)
{
    /// <summary>Each of them looks at those before it.</summary>
    public const int MostTags = 100;

    private readonly List<TagRule> _members = [];

    public string Name { get; } = name;

    public void Add(TagRule rule) => _members.Add(rule);

    /// <summary>The tag that keeps another one from being held, and the instant up to which that certainly stays so; null if there is none.</summary>
    public (TagRule? Instead, long Until) InsteadOf(TagRule rule, in Scope scope)
    {
        var (byHand, until) = LastByHand(scope);
        if (byHand is not null)
            return (byHand == rule ? null : byHand, until);
        foreach (var member in _members)
        {
            if (member == rule)
                break;

            // Those before this one are not called for, else the search had ended there: so it need not ask for them again.
            var called = member.EvaluateApart(scope);
            until = Math.Min(until, called.Until);
            if (!called.Value.IsMissing)
                return (member, until);
        }

        return (null, until);
    }

    private (TagRule? Member, long Until) LastByHand(in Scope scope)
    {
        var (last, until) = ((TagRule?)null, Timed.Never);
        if (scope.Facts!.TagFacts.ByHand.IsEmpty)
            return (last, until);
        HandTag? latest = null;
        foreach (var member in _members)
        {
            if (member.ByHand(scope) is not { Done.Action: HandAction.Assigned } byHand)
                continue;
            until = Math.Min(until, byHand.Until);
            if (latest is null || byHand.Done.IsLaterThan(latest))
                (last, latest) = (member, byHand.Done);
        }

        return (last, until);
    }
}
