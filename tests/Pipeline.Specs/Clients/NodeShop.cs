using System.Diagnostics;

namespace TaggingPipeline.Pipeline.Specs.Clients;

/// <summary>The shop of <c>shop.mjs</c>, run with Node as its owner would.</summary>
internal static class NodeShop
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Installs what the shop needs from npm.</summary>
    public static Task InstallAsync() => InstallAsync(Folder());

    /// <summary>Installs what a folder's <c>package.json</c> names.</summary>
    public static Task InstallAsync(string folder) => RunInAsync(folder, "npm", "install");

    /// <summary>Runs the shop, and returns the message ids of what it was told is delivered, in that order.</summary>
    public static async Task<string[]> RunAsync(Uri host, string writeKey)
    {
        var printed = await RunAsync("node", "shop.mjs", host.ToString().TrimEnd('/'), writeKey);
        return printed.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static Task<string> RunAsync(string program, params string[] arguments) => RunInAsync(Folder(), program, arguments);

    private static async Task<string> RunInAsync(string workingFolder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingFolder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} did not end within {Patience}.");
        }

        Assert.That(process.ExitCode, Is.Zero, $"{program} {string.Join(' ', arguments)}\n{await output}\n{await errors}");
        return await output;
    }

    /// <summary>The clone that the tests were built from.</summary>
    public static string Root()
    {
        var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "TaggingPipeline.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests do not run within a clone.");
    }

    private static string Folder() => Path.Combine(Root(), "tests", "Pipeline.Specs", "Clients");
}
