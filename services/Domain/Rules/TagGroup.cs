using TaggingPipeline.Domain.Rules.Expressions;

namespace TaggingPipeline.Domain.Rules;

/// <summary>Tags of which a customer holds one at most: the first in the rulebook that is called for.</summary>
/// <remarks>Filled while the rulebook is compiled, in its order; after that it does not change.</remarks>
internal sealed class TagGroup(string name)
{
    /// <summary>Each of them looks at those before it.</summary>
    public const int MostTags = 100;

    private readonly List<TagRule> _members = [];

    public string Name { get; } = name;

    public void Add(TagRule rule) => _members.Add(rule);

    /// <summary>The first tag before another that is called for, and the instant up to which that certainly stays so; null if there is none.</summary>
    public (TagRule? First, long Until) Before(TagRule rule, in Scope scope)
    {
        var until = Timed.Never;
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
}
