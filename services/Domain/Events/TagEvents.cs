namespace TaggingPipeline.Domain.Events;

/// <summary>What events of the kinds <see cref="EventKind.Tag"/> and <see cref="EventKind.Assignment"/> say, by the names of their properties.</summary>
public static class TagEvents
{
    /// <summary>The tag's key.</summary>
    public const string Tag = "tag";

    /// <summary><see cref="Assigned"/>, <see cref="Removed"/> or <see cref="Released"/>.</summary>
    public const string Action = "action";

    /// <summary>The value assigned: by hand text, a number, or true; by a rule whatever it came to, and missing for nothing.</summary>
    public const string Value = "value";

    /// <summary>Who did it.</summary>
    public const string By = "by";

    /// <summary>Why they did it.</summary>
    public const string Reason = "reason";

    /// <summary>Of an assignment: how many there were of that tag of the customer.</summary>
    public const string Sequence = "sequence";

    /// <summary>The customer has the tag, with that value, whatever the rule says.</summary>
    public const string Assigned = "assigned";

    /// <summary>The customer does not have the tag, whatever the rule says.</summary>
    public const string Removed = "removed";

    /// <summary>The rule decides again.</summary>
    public const string Released = "released";
}
