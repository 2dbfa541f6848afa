using System.Globalization;

namespace TaggingPipeline.Storage.Specs;

/// <summary>Started by <see cref="Sqlite.KilledWriterSpecs"/>, <see cref="Sqlite.KilledRolloverSpecs"/> and <see cref="Sqlite.KilledReplaySpecs"/> as the process that is killed.</summary>
public static class Program
{
    public static Task Main(string[] arguments) => arguments switch
    {
        [var path, var page] => Sqlite.KilledRolloverSpecs.RollOverUntilAsync(path, int.Parse(page, CultureInfo.InvariantCulture)),
        [var path, var commit, var after] => Sqlite.KilledReplaySpecs.ReplayUntilAsync(path, int.Parse(commit, CultureInfo.InvariantCulture), after == "1"),
        _ => Sqlite.KilledWriterSpecs.WriteUntilKilledAsync(arguments[0]),
    };
}
