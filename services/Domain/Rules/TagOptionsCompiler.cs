using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Rules.Binding;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Rules;

/// <summary>Checks the options of tags, and gathers the tags of each group.</summary>
/// <param name="error">Reports what is wrong, where, and in what.</param>
internal sealed class TagOptionsCompiler(RulebookDefinition definition, Action<SourceText, string, string> error)
{
    private readonly Dictionary<string, (TagGroup Group, string Last)> _groups = new(StringComparer.Ordinal);

    /// <summary>Checks what concerns several tags.</summary>
    public void CheckGroups()
    {
        foreach (var group in definition.Tags.Where(tag => tag.Group is not null).GroupBy(tag => tag.Group!.Text, StringComparer.Ordinal))
        {
            var (where, named) = ($"tag {group.First().Key.Text}", group.First().Group!);
            if (!RulebookCompiler.IsKey(group.Key))
                error(named, where, $"`{group.Key}` is no name for a group; expected {RulebookCompiler.KeyForm}");
            if (group.Count() > TagGroup.MostTags)
                error(named, where, $"the group `{group.Key}` has {group.Count()} tags; at most {TagGroup.MostTags} are allowed");
            var others = definition.Tags.Select(tag => tag.Group?.Text).OfType<string>().Where(other => other != group.Key);
            if (group.Count() == 1 && Suggestions.Nearest(group.Key, others) is not null)
                error(named, where, $"no other tag is in the group `{group.Key}`{Suggestions.DidYouMean(group.Key, others)}");
        }
    }

    public TagOptions Compile(TagDefinition tag)
    {
        var where = $"tag {tag.Key.Text}";
        var (hold, expires) = (DurationOf(tag.Hold, "hold", where), DurationOf(tag.Expires, "expires", where));
        if (tag is { Hold: not null, Manual: not null })
            error(tag.Hold, where, "`hold` does not go with `manual`: what is assigned by hand stays until it is removed or released");
        else if (hold >= expires)
            error(tag.Expires!, where, $"a value that is kept for at least {tag.Hold!.Text} cannot end {tag.Expires!.Text} after it was assigned; expected `expires` to be longer than `hold`");
        return new()
        {
            Description = tag.Description?.Text,
            Owner = tag.Owner?.Text,
            IsEnabled = IsEnabled(tag),
            Group = tag.Group?.Text,
            Hold = hold,
            Expires = expires,
            IsManual = tag.Manual is not null,
            ManualValues = ManualValues(tag),
        };
    }

    /// <summary>The group that a tag names.</summary>
    /// <param name="uses">What the tag looks at: the tag before it in the group is added, and so all that come before.</param>
    public TagGroup? GroupOf(TagDefinition tag, RuleUses uses)
    {
        if (tag.Group is not { } named)
            return null;
        if (_groups.TryGetValue(named.Text, out var known))
            uses.Rules.Add((RuleName.Tag(known.Last), named.At));
        else
            known.Group = new(named.Text);
        _groups[named.Text] = (known.Group, tag.Key.Text);
        return known.Group;
    }

    private Duration? DurationOf(SourceText? text, string option, string where)
    {
        if (text is null)
            return null;
        var parsed = Parser.Parse(text.Text);
        foreach (var mistake in parsed.Errors)
            error(new(text.Text, text.PositionOf(mistake.Span.Start)), where, mistake.Message);
        if (parsed.Root is DurationSyntax { Milliseconds: > 0 } duration)
            return Duration.FromMilliseconds(duration.Milliseconds);
        if (parsed.Errors.IsEmpty)
            error(text, where, $"`{option}` expects a duration, such as `7d`; found `{text.Text}`");
        return null;
    }

    private ImmutableArray<string> ManualValues(TagDefinition tag)
    {
        var values = tag.Manual?.Values ?? [];
        foreach (var (place, value) in values.Index())
        {
            if (values.Take(place).Any(before => before.Text == value.Text))
                error(value, $"tag {tag.Key.Text}", $"there is another value `{value.Text}`");
        }

        return [.. values.Select(value => value.Text)];
    }

    private bool IsEnabled(TagDefinition tag)
    {
        if (tag.Enabled is { Text: not ("true" or "false") } given)
            error(given, $"tag {tag.Key.Text}", $"`enabled` expects true or false; found `{given.Text}`");
        return tag.Enabled?.Text != "false";
    }
}
