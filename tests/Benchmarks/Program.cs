using System.Globalization;
using TaggingPipeline.Benchmarks.Core;
using TaggingPipeline.Benchmarks.Pipeline;
using TaggingPipeline.Benchmarks.Previews;
using TaggingPipeline.Benchmarks.Replays;
using TaggingPipeline.Benchmarks.Segments;
using TaggingPipeline.Benchmarks.Storage;
using TaggingPipeline.Benchmarks.Webhooks;
using TaggingPipeline.Processing.Rulebooks;
#if WITH_MONGODB
using MongoDB.Driver;
#endif

// dotnet run -c Release --project tests/Benchmarks -- core | rules | storage | pipeline | exits | segments | webhooks | preview | replay | live-replay | mongodb | all
// segments and preview take the number of customers after them, a million and a hundred thousand where it is left out; replay those of events and customers, a million and 20,000; live-replay that of customers, 200,000.
// mongodb, which is not part of all, needs a server: TAGGING_TEST_MONGODB=mongodb://HOST:PORT
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
if (what is "rules" or "all")
    RuleFigures.Run(Console.Out);
if (what is "storage" or "all")
    await StorageFigures.RunAsync(Console.Out);
if (what is "pipeline" or "all")
    await PipelineFigures.RunAsync(path, Console.Out);
if (what is "exits" or "all")
    await ExitFigures.RunAsync(path, Console.Out);
if (what is "segments" or "all")
    await SegmentFigures.RunAsync(path, args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000_000, Console.Out);
if (what is "webhooks" or "all")
    await WebhookFigures.RunAsync(path, Console.Out);
if (what is "preview" or "all")
    await PreviewFigures.RunAsync(path, args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 100_000, Console.Out);
if (what is "replay" or "all")
    await ReplayFigures.RunAsync(rulebook, NumberAt(1, 1_000_000), NumberAt(2, 20_000), Console.Out);
if (what is "live-replay" or "all")
    await LiveFigures.RunAsync(path, NumberAt(1, 200_000), Console.Out);
#if WITH_MONGODB
if (what is "mongodb")
{
    var server = Environment.GetEnvironmentVariable("TAGGING_TEST_MONGODB") ?? throw new InvalidOperationException("TAGGING_TEST_MONGODB names no server.");
    await StorageFigures.RunMongoDbAsync(server, Console.Out);
    var database = $"tagging-benchmark-{Guid.NewGuid():N}";
    await PipelineFigures.RunOverAsync(new MongoUrlBuilder(server) { DatabaseName = database }.ToString(), path, Console.Out);
    using var client = new MongoClient(server);
    await client.DropDatabaseAsync(database);
}
#endif
return 0;

int NumberAt(int place, int otherwise) => what != "all" && args.Length > place ? int.Parse(args[place], CultureInfo.InvariantCulture) : otherwise;
