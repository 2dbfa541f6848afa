using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Projection.Queries;

namespace TaggingPipeline.Projection.Rulebooks;

/// <summary>A rulebook that a request carries: as YAML, or within JSON as <c>{"content": YAML, "author": …, "message": …}</c>.</summary>
/// <param name="Content">The YAML text.</param>
/// <param name="Rulebook">What it compiles to.</param>
internal sealed record RulebookBody(string Content, Rulebook Rulebook, string? Author, string? Message)
{
    /// <summary>Reads and compiles; what is wrong is answered with every error in the rulebook, with line and column.</summary>
    public static async Task<(RulebookBody? Body, ProblemHttpResult? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        // JSON escapes what YAML has as it is, so its body may be longer.
        var bytes = await ReadBytesAsync(request.Body, 2 * RulebookFile.LargestSize, cancellationToken);
        if (bytes is null)
            return (null, Problems.UnreadableBody(null, $"it is too large: a rulebook has at most {RulebookFile.LargestSize} bytes"));
        if (request.HasJsonContentType())
        {
            var (fields, problem) = await JsonBody.ReadAsync<Fields>(bytes);
            return fields is null ? (null, problem)
                : fields.Content is { } content ? Of(content, RulebookFile.Compile(content), fields)
                : (null, Problems.UnreadableBody("content", "it is missing: the rulebook as YAML text"));
        }

        return bytes.Length == 0
            ? (null, Problems.UnreadableBody(null, "it is empty: expected a rulebook as YAML"))
            : Of(Encoding.UTF8.GetString(bytes), RulebookFile.Compile(bytes), new());
    }

    private static (RulebookBody?, ProblemHttpResult?) Of(string content, RulebookCompilation compilation, Fields fields) => compilation.Rulebook is { } rulebook
        ? (new(content, rulebook, fields.Author, fields.Message), null)
        : (null, Problems.BadRulebook(compilation.Errors));

    private static async Task<byte[]?> ReadBytesAsync(Stream body, int most, CancellationToken cancellationToken)
    {
        using var read = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await body.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            if (read.Length + count > most)
                return null;
            read.Write(buffer, 0, count);
        }

        return read.ToArray();
    }

    private sealed record Fields
    {
        public string? Content { get; init; }

        public string? Author { get; init; }

        public string? Message { get; init; }
    }
}
