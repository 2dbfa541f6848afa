using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Projection.Queries;

/// <summary>Reads JSON objects that requests carry; every mistake is answered with the name of its field.</summary>
internal static class JsonBody
{
    // A field that is misspelt must not pass for one that was left out.
    private static readonly JsonSerializerOptions Strict = new(ContractsJson.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>Reads a body; none at all is an empty one.</summary>
    public static Task<(T? Body, ProblemHttpResult? Problem)> ReadAsync<T>(HttpRequest request, CancellationToken cancellationToken)
        where T : class =>
        ReadAsync(() => request.ContentLength == 0 ? new(JsonSerializer.Deserialize<T>("{}", Strict)) : JsonSerializer.DeserializeAsync<T>(request.Body, Strict, cancellationToken));

    /// <summary>Reads a body of which the bytes are known.</summary>
    public static Task<(T? Body, ProblemHttpResult? Problem)> ReadAsync<T>(byte[] body)
        where T : class =>
        ReadAsync<T>(() => new(JsonSerializer.Deserialize<T>(body, Strict)));

    private static async Task<(T? Body, ProblemHttpResult? Problem)> ReadAsync<T>(Func<ValueTask<T?>> read)
        where T : class
    {
        try
        {
            return await read() is { } body ? (body, null) : (null, Problems.UnreadableBody(null, "expected a JSON object"));
        }
        catch (JsonException bad)
        {
            var field = bad.Path?.TrimStart('$').TrimStart('.');
            return (null, Problems.UnreadableBody(field, bad.Message.Contains("could not be mapped", StringComparison.Ordinal)
                ? "there is no such field"
                : string.IsNullOrEmpty(field) ? "expected a JSON object" : "it is not what this field takes"));
        }
    }
}
