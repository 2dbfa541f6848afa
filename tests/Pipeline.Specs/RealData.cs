namespace TaggingPipeline.Pipeline.Specs;

/// <summary>The real data with known answers, which is not part of the repository.</summary>
internal static class RealData
{
    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A file beside the repository in <c>shared/data</c>, or in the folder that TAGGING_DATA names. Where it is absent the test is skipped.</summary>
    public static string Path(string relative)
    {
        var folder = Environment.GetEnvironmentVariable("TAGGING_DATA") ?? System.IO.Path.Combine(Root, "..", "shared", "data");
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, relative));
        if (!File.Exists(path))
            Assert.Ignore($"The real data {relative} is not there: it is looked for in ../shared/data, or where TAGGING_DATA points.");
        return path;
    }

    /// <summary>One of the repository's example files.</summary>
    public static string Example(string name) => System.IO.Path.Combine(Root, "docs", "examples", name);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "TaggingPipeline.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"There is no TaggingPipeline.sln above {AppContext.BaseDirectory}.");
    }
}
