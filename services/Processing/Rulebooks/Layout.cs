using System.Collections.Immutable;

namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>How a file is to be laid out.</summary>
/// <param name="Edits">What is written otherwise within lines; none adds or removes a line, and no two overlap.</param>
/// <param name="Lines">Where each line goes.</param>
internal sealed record Layout(ImmutableArray<Edit> Edits, ImmutableArray<LineLayout> Lines);

/// <summary>A piece of the text, from one offset to before another, and what stands there instead.</summary>
internal readonly record struct Edit(int Start, int End, string Text);

/// <summary>Where a line goes.</summary>
/// <param name="Indentation">How many blanks it starts with; null for those that it has and <paramref name="Shift"/> more.</param>
/// <param name="IsKept">Its blanks at the end, and the line itself if it is empty, are part of a text.</param>
/// <param name="BlankWithin">Of nothing but blanks, and of so many at most, it is an empty line.</param>
internal readonly record struct LineLayout(int? Indentation, int Shift = 0, bool IsKept = false, int BlankWithin = int.MaxValue);
