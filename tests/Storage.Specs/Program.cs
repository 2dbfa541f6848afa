namespace TaggingPipeline.Storage.Specs;

/// <summary>Started by <see cref="Sqlite.KilledWriterSpecs"/> as the process that is killed.</summary>
public static class Program
{
    public static Task Main(string[] arguments) => Sqlite.KilledWriterSpecs.WriteUntilKilledAsync(arguments[0]);
}
