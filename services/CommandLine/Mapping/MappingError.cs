using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.CommandLine.Mapping;

/// <summary>Something wrong with a mapping file.</summary>
/// <param name="At">Where in the mapping file.</param>
/// <param name="Message">What is wrong, what was expected, and a near name if there is one.</param>
internal sealed record MappingError(SourcePosition At, string Message)
{
    public override string ToString() => $"{At}: {Message}";
}
