using System.Collections.Immutable;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Rules.Expressions;

/// <summary>A literal.</summary>
internal sealed class Constant(StaticType type, string text, Value value) : Expression(type, text)
{
    public Value Value { get; } = value;

    public override Timed Evaluate(in Scope scope) => Timed.Always(Value);

    public override void Touch(in Scope scope, Explanation explanation)
    {
    }
}

/// <summary><c>now</c>: the instant as of which the rule is evaluated.</summary>
internal sealed class Now(string text) : Expression(StaticType.Instant, text)
{
    public override bool IsContinuous => true;

    public override Timed Evaluate(in Scope scope) => new(Value.InstantAt(scope.AsOf), Timed.Never, 1);

    public override void Touch(in Scope scope, Explanation explanation)
    {
    }
}

/// <summary>A field of the event that a filter looks at.</summary>
internal sealed class FieldName(StaticType type, string text, EventField field) : Expression(type, text)
{
    public override Timed Evaluate(in Scope scope) => Timed.Always(field.Of(scope.Fields));

    public override void Touch(in Scope scope, Explanation explanation)
    {
    }
}

/// <summary><c>trait.age</c>.</summary>
internal sealed class TraitName(string text, ImmutableArray<string> path) : Expression(StaticType.Any, text)
{
    public override Timed Evaluate(in Scope scope) => Timed.Always((scope.Traits ?? scope.Facts!.Traits).At(path));

    public override void Touch(in Scope scope, Explanation explanation)
    {
    }
}

/// <summary><c>tag(key)</c>: the tag's value; as a condition, whether it is held.</summary>
/// <remarks>Where the tags are known, as for segments, what is held. Within a tag rule, what the other tag's rule comes to as of the same instant.</remarks>
/// <param name="rule">Resolved when the whole rulebook is known.</param>
internal sealed class TagName(string text, string key, Func<TagRule> rule) : Expression(StaticType.Any, text)
{
    private TagRule? _rule;

    private TagRule Rule => _rule ??= rule();

    public override Timed Evaluate(in Scope scope) =>
        scope.Tags is { } tags ? Timed.Always(tags.GetValueOrDefault(key)) : Rule.Evaluate(scope).Timed;

    public override void Touch(in Scope scope, Explanation explanation)
    {
        if (scope.Tags is null)
            Rule.Touch(scope, explanation);
    }
}

/// <summary><c>segment(key)</c>: whether the segment's condition holds.</summary>
/// <param name="segment">Resolved when the whole rulebook is known.</param>
internal sealed class SegmentName(string text, Func<SegmentRule> segment) : Expression(StaticType.Boolean, text)
{
    private SegmentRule? _segment;

    private SegmentRule Segment => _segment ??= segment();

    public override Timed Evaluate(in Scope scope) => Segment.Evaluate(scope);

    public override Tested Test(in Scope scope) => Segment.Test(scope);

    public override void Touch(in Scope scope, Explanation explanation) => Segment.Touch(scope, explanation);
}

/// <summary>Whether something is there at all: <c>tag(key)</c> where a condition is wanted.</summary>
internal sealed class IsPresent(Expression operand) : Condition(operand.Text)
{
    public override Tested Test(in Scope scope)
    {
        var timed = operand.Evaluate(scope);
        return new(!timed.Value.IsMissing, timed.Until);
    }

    public override void Touch(in Scope scope, Explanation explanation) => operand.Touch(scope, explanation);
}
