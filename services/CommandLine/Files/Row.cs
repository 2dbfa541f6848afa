using System.Text.Json;

namespace TaggingPipeline.CommandLine.Files;

/// <summary>One record of a file.</summary>
/// <param name="Line">The line on which it starts, from 1.</param>
/// <param name="Cells">What the columns asked for hold, in the order they were asked for; empty text where there is nothing.</param>
/// <param name="Document">The whole record of a JSON lines file; undefined for other formats.</param>
/// <param name="Problem">Why the record cannot be read; its cells are empty then.</param>
internal readonly record struct Row(long Line, string[] Cells, JsonElement Document, string? Problem)
{
    public static Row Unreadable(long line, string problem) => new(line, [], default, problem);
}
