namespace TaggingPipeline.Benchmarks.Core;

/// <summary>Events a second of the processor's time, and bytes an event: the best of three rounds.</summary>
internal static class CoreMeasure
{
    public static (double EventsPerSecond, double BytesPerEvent) Best(int events, Func<int> work)
    {
        var best = (EventsPerSecond: 0d, BytesPerEvent: 0d);
        for (var round = 0; round < 3; round++)
        {
            GC.Collect();
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var started = Environment.CpuUsage.TotalTime;
            work();
            var seconds = (Environment.CpuUsage.TotalTime - started).TotalSeconds;
            var figure = (events / seconds, (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)events);
            if (figure.Item1 > best.EventsPerSecond)
                best = figure;
        }

        return best;
    }
}
