namespace TaggingPipeline.Pipeline.Specs.Processes;

/// <summary>When to kill, and how often: for a seed always the same.</summary>
public static class Kills
{
    public const int Seed = 20260301;

    /// <summary>10, or with <c>TAGGING_LONG=1</c> 50.</summary>
    public static int Count => IsLong ? 50 : 10;

    public static bool IsLong => Environment.GetEnvironmentVariable("TAGGING_LONG") == "1";

    /// <summary>Kills that many times one of the hosts, some of them before it is ready, and leaves them running.</summary>
    public static async Task RepeatAsync(IReadOnlyList<HostProcess> hosts, int count)
    {
        TestContext.Out.WriteLine($"Seed {Seed}, {count} kills");
        var random = new Random(Seed);
        for (var kill = 0; kill < count; kill++)
        {
            var host = hosts[random.Next(hosts.Count)];
            var whileStarting = kill > 0 && random.Next(4) == 0;
            if (!whileStarting)
                await host.ReadyAsync();
            await Task.Delay(random.Next(0, 1200));
            await host.Process.KillAsync();
            await host.BeginAsync();
        }

        foreach (var host in hosts)
            await host.ReadyAsync();
    }
}
