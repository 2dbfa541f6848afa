using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Projection.Queries;

/// <summary>A list, or a part of one.</summary>
/// <param name="Next">Where to go on; null for nowhere.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>How queries are answered: as the contracts are written, but with nulls, so that every field that is described is there.</summary>
internal static class QueryJson
{
    public static JsonSerializerOptions Options { get; } = new(ContractsJson.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    public static IResult Answer<T>(T value, int status = StatusCodes.Status200OK) => TypedResults.Json(value, Options, statusCode: status);

    /// <summary>A list that is whole.</summary>
    public static IResult Whole<T>(IReadOnlyList<T> items) => Answer(new Page<T>(items, null));

    public static string Cursor(long position) => position.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A page of items that are kept as JSON: they are passed on as they are.</summary>
internal sealed class StoredPage(IReadOnlyList<ReadOnlyMemory<byte>> items, string? next) : IResult
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        await using var writer = new Utf8JsonWriter(httpContext.Response.BodyWriter, WriterOptions);
        writer.WriteStartObject();
        writer.WriteStartArray("items");
        foreach (var item in items)
            writer.WriteRawValue(item.Span, skipInputValidation: true);
        writer.WriteEndArray();
        writer.WriteString("next", next);
        writer.WriteEndObject();
        await writer.FlushAsync(httpContext.RequestAborted);
    }
}
