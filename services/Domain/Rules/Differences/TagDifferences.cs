namespace TaggingPipeline.Domain.Rules.Differences;

/// <summary>What differs between two definitions of one tag, in words.</summary>
internal static class TagDifferences
{
    /// <param name="add">Takes a difference: its kind, the tag's key, the text.</param>
    public static void Between(TagDefinition before, TagDefinition after, Action<DifferenceKind, string, string> add)
    {
        var key = after.Key.Text;
        Option("name", before.Name, after.Name);
        Option("category", before.Category, after.Category);
        Option("description", before.Description, after.Description);
        Option("owner", before.Owner, after.Owner);
        CompareRules(before, after, add);
        Option("enabled", before.Enabled, after.Enabled);
        Option("group", before.Group, after.Group);
        Option("hold", before.Hold, after.Hold);
        Option("expires", before.Expires, after.Expires);

        void Option(string name, SourceText? one, SourceText? other)
        {
            if (TextDifference.Between(name, one, other) is { } text)
                add(DifferenceKind.Changed, key, $"{key}: {text}");
        }
    }

    /// <summary>A tag's rule as it is written, on one line.</summary>
    public static string RuleOf(TagDefinition tag) => tag switch
    {
        { When: { } condition } => $"when {ExpressionDifference.Quoted(condition.Text)}",
        { Value: { } value } => $"value {ExpressionDifference.Quoted(value.Text)}",
        { Manual.Values: { IsEmpty: false } values } => $"by hand, {string.Join(", ", values.Select(value => ExpressionDifference.Quoted(value.Text)))}",
        { Manual: not null } => "by hand",
        _ => $"tiers {string.Join(", ", tag.Tiers.Select(tier => $"{tier.Name.Text} {ExpressionDifference.Quoted(tier.Condition.Text)}"))}",
    };

    private static void CompareRules(TagDefinition before, TagDefinition after, Action<DifferenceKind, string, string> add)
    {
        var key = after.Key.Text;
        if ((before.When ?? before.Value) is { } one && (after.When ?? after.Value) is { } other && before.When is null == after.When is null)
        {
            if (one.Text != other.Text)
                add(DifferenceKind.Changed, key, $"{key}: {ExpressionDifference.Between(one.Text, other.Text)}");
        }
        else if (!before.Tiers.IsEmpty && !after.Tiers.IsEmpty)
        {
            CompareTiers(before, after, add);
        }
        else if (RuleOf(before) is var rule && RuleOf(after) is var now && rule != now)
        {
            add(DifferenceKind.Changed, key, $"{key}: {rule} → {now}");
        }
    }

    private static void CompareTiers(TagDefinition before, TagDefinition after, Action<DifferenceKind, string, string> add)
    {
        var key = after.Key.Text;
        var known = before.Tiers.ToLookup(tier => tier.Name.Text, tier => tier.Condition.Text, StringComparer.Ordinal);
        foreach (var (name, condition) in after.Tiers)
        {
            if (!known.Contains(name.Text))
                add(DifferenceKind.Changed, key, $"{key}.{name.Text}: added: {ExpressionDifference.Quoted(condition.Text)}");
            else if (known[name.Text].First() is var one && one != condition.Text)
                add(DifferenceKind.Changed, key, $"{key}.{name.Text}: {ExpressionDifference.Between(one, condition.Text)}");
        }

        foreach (var (name, condition) in before.Tiers.Where(tier => after.Tiers.All(kept => kept.Name.Text != tier.Name.Text)))
            add(DifferenceKind.Changed, key, $"{key}.{name.Text}: removed: {ExpressionDifference.Quoted(condition.Text)}");
        if (TextDifference.OfOrder(before.Tiers.Select(tier => tier.Name.Text), after.Tiers.Select(tier => tier.Name.Text)) is { } order)
            add(DifferenceKind.Changed, key, $"{key}: order of tiers: {order}");
    }
}
