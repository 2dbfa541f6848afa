using System.Collections.Immutable;
using TaggingPipeline.CommandLine.Files;
using TaggingPipeline.CommandLine.Verbs;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.CommandLine.RuleTests;

/// <summary>A file's tests, or what is wrong with it: a line for each error.</summary>
internal sealed record LoadedTests(string Path, RuleTestFile? File, ImmutableArray<string> Errors);

/// <summary>Finds and reads test files, and compiles each rulebook once.</summary>
internal sealed class RuleTestLoader
{
    public const string Extension = ".test.yaml";

    /// <summary>An event's properties may hold lists of objects, further in than anything in a rulebook.</summary>
    private const int DeepestNesting = 16;

    private readonly Dictionary<string, (TestedRulebook? Rulebook, ImmutableArray<string> Errors)> _rulebooks = new(StringComparer.Ordinal);

    /// <summary>The test files of a list of files and folders, each once; folders are searched through, except for hidden ones.</summary>
    /// <exception cref="CommandException">There is no such file or folder, or nothing in it.</exception>
    public static IReadOnlyList<string> Find(IReadOnlyList<string> paths)
    {
        var found = new List<string>();
        foreach (var path in paths)
        {
            if (File.Exists(path))
                found.Add(path);
            else if (Directory.Exists(path))
                found.AddRange(FilesOf(path));
            else
                throw new CommandException($"{path}: there is no such file or folder");
        }

        return found.Count > 0
            ? [.. found.DistinctBy(Path.GetFullPath)]
            : throw new CommandException($"there are no files called *{Extension} in {string.Join(", ", paths)}");
    }

    public async Task<LoadedTests> LoadAsync(string path, CancellationToken cancellationToken)
    {
        var text = await InputFile.ReadTextAsync(path, cancellationToken);
        var nodes = new TestNodes();
        var root = YamlReader.Read(text.TrimStart('\uFEFF'), nodes.Errors, "set of rule tests", DeepestNesting);
        if (root is null || nodes.Keys(root, "file", RuleTestReader.FileKeys) is not { } keys)
            return Failed();
        if (RulebookOf(path, keys.GetValueOrDefault("rulebook"), nodes) is not { } rulebookPath)
            return Failed();
        var (rulebook, errors) = await CompileAsync(rulebookPath, cancellationToken);
        if (rulebook is null)
            return new(path, null, errors);
        if (!keys.ContainsKey("tests"))
            nodes.Fail(root, "file", "the key `tests` is missing: expected the list of tests");
        var inForce = PopulationReader.PutInForce(keys.GetValueOrDefault("population"), nodes, rulebook.Compiled);
        var tests = RuleTestReader.Read(keys.GetValueOrDefault("tests"), nodes, rulebook);
        return nodes.Errors.Count > 0 ? Failed() : new(path, new(path, rulebook, inForce, tests), []);

        LoadedTests Failed() => new(path, null, [.. nodes.Errors.OrderBy(error => (error.At.Line, error.At.Column)).Select(error => $"{path}:{error}")]);
    }

    private static IEnumerable<string> FilesOf(string folder)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System };
        return Directory.EnumerateFiles(folder, $"*{Extension}", options).Order(StringComparer.Ordinal)
            .Select(path => folder == "." ? Path.GetRelativePath(folder, path) : path);
    }

    /// <summary>The rulebook that a test file names, or the one beside it that is called like it.</summary>
    private static string? RulebookOf(string path, YamlNode? given, TestNodes nodes)
    {
        var folder = Path.GetDirectoryName(path) ?? "";
        if (given is not null)
            return nodes.Text(given, "file", "the rulebook's file name") is { } name ? Path.Combine(folder, name) : null;
        return path.EndsWith(Extension, StringComparison.Ordinal) ? path[..^Extension.Length] + ".yaml" : Path.ChangeExtension(path, ".yaml");
    }

    private async Task<(TestedRulebook? Rulebook, ImmutableArray<string> Errors)> CompileAsync(string path, CancellationToken cancellationToken)
    {
        var key = Path.GetFullPath(path);
        if (_rulebooks.TryGetValue(key, out var known))
            return known;
        var (rulebook, errors) = await Rulebooks.CompileAsync(path, cancellationToken);
        TestedRulebook? tested = null;
        if (rulebook is not null)
            tested = new(path, RulebookFile.Parse(await InputFile.ReadTextAsync(path, cancellationToken)).Definition!, rulebook);
        return _rulebooks[key] = (tested, tested is null ? [Rulebooks.Lines(path, errors)] : []);
    }
}
