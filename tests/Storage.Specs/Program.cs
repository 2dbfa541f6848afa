using System.Globalization;

namespace TaggingPipeline.Storage.Specs;

/// <summary>Started by <see cref="Sqlite.KilledWriterSpecs"/> and <see cref="Sqlite.KilledRolloverSpecs"/> as the process that is killed.</summary>
public static class Program
{
    public static Task Main(string[] arguments) => arguments is [var path, var page]
        ? Sqlite.KilledRolloverSpecs.RollOverUntilAsync(path, int.Parse(page, CultureInfo.InvariantCulture))
        : Sqlite.KilledWriterSpecs.WriteUntilKilledAsync(arguments[0]);
}
