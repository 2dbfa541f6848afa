using TaggingPipeline.Benchmarks.Core;
using TaggingPipeline.Benchmarks.Pipeline;
using TaggingPipeline.Benchmarks.Storage;
using TaggingPipeline.Processing.Rulebooks;

// dotnet run -c Release --project tests/Benchmarks -- core | storage | pipeline | all
var what = args.Length > 0 ? args[0] : "all";
var path = Path.Combine(AppContext.BaseDirectory, "benchmark.yaml");
var compilation = await RulebookFile.LoadAsync(path, CancellationToken.None);
if (compilation.Rulebook is not { } rulebook)
{
    foreach (var error in compilation.Errors)
        Console.Error.WriteLine($"{path}:{error}");
    return 1;
}

if (what is "core" or "all")
    CoreFigures.Run(rulebook, Console.Out);
if (what is "storage" or "all")
    await StorageFigures.RunAsync(Console.Out);
if (what is "pipeline" or "all")
    await PipelineFigures.RunAsync(path, Console.Out);
return 0;
