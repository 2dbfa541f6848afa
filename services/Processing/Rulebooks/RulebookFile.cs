using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>Placeholder: gives way to the real reader when that is merged.</summary>
public static class RulebookFile
{
    public static RulebookCompilation Compile(string yaml) => throw new NotImplementedException();
}
