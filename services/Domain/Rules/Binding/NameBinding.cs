using System.Collections.Immutable;
using TaggingPipeline.Domain.Rules.Expressions;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Rules.Binding;

/// <summary>Binds what an expression names: properties, traits, tags, segments.</summary>
internal static class NameBinding
{
    public static Expression? BindPath(PathSyntax path, BindingContext context)
    {
        var text = context.TextOf(path);
        if (path.Parts[0] == "trait" && context.Place != ExpressionPlace.Filter)
        {
            if (path.Parts.Length == 1)
            {
                context.Error(path.Span, "expected the trait's name, as in `trait.age`");
                return null;
            }

            context.Traits.Add(path.Parts[1]);
            return new TraitName(text, path.Parts[1..]);
        }

        if (context.FilterList is { } list)
            return new FieldName(StaticType.Any, text, context.Measures.ItemFieldOf(list, path.Parts));
        if (context.Place == ExpressionPlace.Filter)
            return new FieldName(TypeOf(path.Parts), text, context.Measures.FieldOf(context.FilterSource, path.Parts));
        context.Error(path.Span, Vocabulary.EventKinds.Contains(path.Parts[0])
            ? $"`{text}` stands for events; expected a function of them, such as `count({path.Parts[0]})`"
            : $"`{text}` is not known here{Suggestions.DidYouMean(path.Parts[0], [.. Vocabulary.Keywords, "trait"])}; text wants quotes, a trait is `trait.{text}`, and properties stand in a filter, as in `count(purchase[{text} = …])`");
        return null;
    }

    public static TagName? BindTag(TagSyntax tag, BindingContext context)
    {
        if (PopulationBinding.IsRefused(tag, "a tag", context))
            return null;
        if (context.Place == ExpressionPlace.Filter)
        {
            context.Error(tag.Span, "tags cannot stand in a filter, which looks at one event only; expected a property of the event");
            return null;
        }

        if (!context.Tags.ContainsKey(tag.Key))
        {
            context.Error(tag.KeySpan, $"there is no tag `{tag.Key}`{Suggestions.DidYouMean(tag.Key, context.Tags.Keys)}");
            return null;
        }

        context.Rules.Add((RuleName.Tag(tag.Key), tag.Span));
        return new(context.TextOf(tag), tag.Key, () => context.TagOf(tag.Key));
    }

    public static SegmentName? BindSegment(SegmentSyntax segment, BindingContext context)
    {
        if (PopulationBinding.IsRefused(segment, "a segment", context))
            return null;
        if (context.Place == ExpressionPlace.Filter)
        {
            context.Error(segment.Span, "segments cannot stand in a filter, which looks at one event only; expected a property of the event");
            return null;
        }

        if (!context.Segments.Contains(segment.Key))
        {
            context.Error(segment.KeySpan, $"there is no segment `{segment.Key}`{Suggestions.DidYouMean(segment.Key, context.Segments)}");
            return null;
        }

        context.Rules.Add((RuleName.Segment(segment.Key), segment.Span));
        return new(context.TextOf(segment), () => context.SegmentOf(segment.Key));
    }

    /// <summary>What is known of a field's type: properties may be anything.</summary>
    public static StaticType TypeOf(ImmutableArray<string> path) => path switch
    {
        [EventField.Time] => StaticType.Instant,
        [EventField.Date] => StaticType.Date,
        [EventField.Name] => StaticType.Text,
        _ => StaticType.Any,
    };
}
