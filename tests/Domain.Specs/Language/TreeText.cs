using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules.Language;

namespace TaggingPipeline.Domain.Specs.Language;

/// <summary>A tree as text with every operation in parentheses, for comparing.</summary>
internal static class TreeText
{
    public static string Of(Syntax? tree) => tree switch
    {
        null => "nothing",
        NumberSyntax number => Value.Of(number.Number).ToString(),
        TextSyntax text => $"'{text.Text}'",
        BooleanSyntax boolean => boolean.Holds ? "true" : "false",
        DurationSyntax duration => $"<{DurationText.Format(duration.Milliseconds)}>",
        NowSyntax => "now",
        PathSyntax path => string.Join('/', path.Parts),
        CallSyntax call => $"{call.Name}({string.Join(", ", call.Arguments.Select(Of))})",
        EventsSyntax events => Of(events),
        TagSyntax tag => $"tag:{tag.Key}",
        SegmentSyntax segment => $"segment:{segment.Key}",
        WindowSyntax { Unit: null } window => $"<previous {DurationText.Format(window.Length)}>",
        WindowSyntax window => $"<{window.Length} {window.Unit}, {window.Offset} ago>",
        UnarySyntax unary => $"({unary.Operator} {Of(unary.Operand)})",
        BinarySyntax binary => $"({Of(binary.Left)} {binary.Operator} {Of(binary.Right)})",
        InSyntax @in => $"({Of(@in.Operand)} {(@in.Negated ? "not in" : "in")} {string.Join("|", @in.Options.Select(Of))})",
        IfSyntax @if => $"({Of(@if.Then)} if {Of(@if.Condition)}{(@if.Else is null ? "" : $" else {Of(@if.Else)}")})",
        _ => throw new ArgumentException($"No text for a {tree.GetType().Name}."),
    };

    /// <summary><c>{kind 'name' where filter . field since instant}</c>.</summary>
    private static string Of(EventsSyntax events) =>
        "{" + events.Kind
        + (events.Name is null ? "" : $" '{events.Name}'")
        + (events.Filter is null ? "" : $" where {Of(events.Filter)}")
        + (events.List.IsEmpty ? "" : $" . {string.Join('/', events.List)}[{(events.ItemFilter is null ? "" : Of(events.ItemFilter))}]")
        + (events.Field.IsEmpty ? "" : $" . {string.Join('/', events.Field)}")
        + (events.Computed is null ? "" : $" . {Of(events.Computed)}")
        + (events.Since is null ? "" : $" since {Of(events.Since)}")
        + string.Concat(events.Then.Select(step => $" then{(step.IsAbsent ? " no" : "")} {Of(step.Events)} within {DurationText.Format(step.Milliseconds)}")) + "}";
}
