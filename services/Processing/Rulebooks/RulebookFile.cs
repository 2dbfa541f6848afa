using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using TaggingPipeline.Domain.Rules;

namespace TaggingPipeline.Processing.Rulebooks;

/// <summary>Reads rulebooks as they stand under version control: YAML files in UTF-8, described in docs/rules.md.</summary>
/// <remarks>
/// Total for any text. What is wrong comes back as a list of all errors with their lines and columns; only a text that is no
/// YAML at all has its first error alone, as nothing can be told about the rest.
/// </remarks>
public static class RulebookFile
{
    /// <summary>In bytes of a file, and in UTF-16 units of a text.</summary>
    public const int LargestSize = 1_048_576;

    /// <summary>The definition that a file holds, or null and all errors of form: YAML, keys, kinds of values. Expressions are not looked into.</summary>
    public static (RulebookDefinition? Definition, ImmutableArray<RulebookError> Errors) Parse(string yaml)
    {
        var errors = new List<RulebookError>();
        var definition = Read(yaml, errors);
        return errors.Count == 0 ? (definition, []) : (null, InOrder(errors));
    }

    /// <summary>The compiled rulebook, or all errors of the file: of form, and within the expressions that could be read.</summary>
    public static RulebookCompilation Compile(string yaml)
    {
        var errors = new List<RulebookError>();
        var definition = Read(yaml, errors);
        if (definition is null)
            return new(null, InOrder(errors));
        var compilation = Rulebook.Compile(definition);
        return errors.Count == 0 ? compilation : new(null, InOrder([.. errors, .. compilation.Errors]));
    }

    /// <summary>Reads and compiles a file.</summary>
    /// <exception cref="IOException">The file cannot be read; <see cref="FileNotFoundException"/> if there is none.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static async Task<RulebookCompilation> LoadAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, useAsync: true);
        var bytes = new byte[LargestSize + 1];
        var length = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return Compile(bytes.AsSpan(0, length));
    }

    /// <summary>The compiled rulebook of a file's bytes, or all errors.</summary>
    public static RulebookCompilation Compile(ReadOnlySpan<byte> file)
    {
        if (file.Length > LargestSize)
            return new(null, [TooLarge(new(1, 1))]);
        return TryDecode(file, out var text, out var error) ? Compile(text) : new(null, [error]);
    }

    private static RulebookDefinition? Read(string yaml, List<RulebookError> errors)
    {
        if (yaml.Length > LargestSize)
        {
            errors.Add(TooLarge(new(1, 1)));
            return null;
        }

        var root = YamlReader.Read(yaml.StartsWith('\uFEFF') ? yaml[1..] : yaml, errors);
        return root is null ? null : new RulebookReader(errors).Read(root);
    }

    private static bool TryDecode(ReadOnlySpan<byte> bytes, out string text, out RulebookError error)
    {
        error = new(new(1, 1), "file", "");
        for (var at = 0; at < bytes.Length;)
        {
            if (Rune.DecodeFromUtf8(bytes[at..], out _, out var length) != OperationStatus.Done)
            {
                var before = Encoding.UTF8.GetString(bytes[..at]);
                text = "";
                error = error with { At = new LinePositions(before)[before.Length], Message = "this is not UTF-8: expected a text file saved as UTF-8" };
                return false;
            }

            at += length;
        }

        text = Encoding.UTF8.GetString(bytes);
        return true;
    }

    private static RulebookError TooLarge(SourcePosition at) => new(at, "file", $"the file is too large: expected at most {LargestSize} bytes");

    private static ImmutableArray<RulebookError> InOrder(List<RulebookError> errors) =>
        [.. errors.OrderBy(error => error.At.Line).ThenBy(error => error.At.Column)];
}
