using System.Collections.Immutable;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>A piece of a YAML file, with where it starts.</summary>
internal abstract record YamlNode(SourcePosition At)
{
    /// <summary>For messages: <c>a list</c>, <c>text</c>.</summary>
    public abstract string Description { get; }

    /// <summary>Right after it, where it is text; <see cref="At"/> for what is larger.</summary>
    public virtual SourcePosition End => At;
}

/// <param name="Text">What the value says.</param>
/// <param name="Lines">The same with the line breaks of the file, which YAML may read as blanks: for expressions, where both are the same.</param>
/// <param name="IsNull">Whether nothing is written, or <c>~</c> or <c>null</c> without quotes.</param>
/// <param name="IsPlain">Whether it stands without quotes, so that it may mean a number or a condition.</param>
internal sealed record YamlScalar(SourceText Text, SourceText Lines, bool IsNull, bool IsPlain) : YamlNode(Text.At)
{
    public override SourcePosition End => Lines.End;

    public override string Description => IsNull ? "nothing" : "text";
}

internal sealed record YamlSequence(SourcePosition At, ImmutableArray<YamlNode> Items) : YamlNode(At)
{
    public override string Description => "a list";
}

/// <param name="IsFlow">Whether it is written within braces.</param>
internal sealed record YamlMapping(SourcePosition At, bool IsFlow, ImmutableArray<(YamlScalar Key, YamlNode Value)> Entries) : YamlNode(At)
{
    public override string Description => "a map";
}

/// <summary>Something that has been reported and is not looked at.</summary>
internal sealed record YamlUnusable(SourcePosition At) : YamlNode(At)
{
    public override string Description => "something unusable";
}
