using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace TaggingPipeline.Projection.Queries;

/// <summary>What the OpenAPI document says beyond what the routes tell by themselves.</summary>
internal static class ApiDescription
{
    private const string KeyScheme = "apiKey";

    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new()
            {
                Title = "Tagging pipeline",
                Version = "v1",
                Description = "Customers with their tags and the reasons for them, segments with their members, and every change. "
                    + "Lists are `{\"items\": […], \"next\": CURSOR or null}`, instants RFC 3339 in UTC, errors RFC 9457 problem details.",
            };
            document.AddComponent(KeyScheme, (IOpenApiSecurityScheme)new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "One of the keys of the setting ApiKeys.",
            });
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.RelativePath?.StartsWith("api/", StringComparison.Ordinal) == true)
                operation.Security = [new() { [new OpenApiSecuritySchemeReference(KeyScheme, context.Document)] = [] }];
            foreach (var parameter in operation.Parameters ?? [])
            {
                if (parameter is OpenApiParameter { Name: "limit" } limit)
                    limit.Schema = LimitSchema();
            }

            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, _, _) =>
        {
            // The framework also reads numbers from text and says so; nothing here sends numbers as text.
            const JsonSchemaType numeric = JsonSchemaType.Integer | JsonSchemaType.Number;
            if ((schema.Type & numeric) != 0)
            {
                schema.Type &= ~JsonSchemaType.String;
                schema.Pattern = null;
            }

            return Task.CompletedTask;
        });
    }

    private static OpenApiSchema LimitSchema() => new()
    {
        Type = JsonSchemaType.Integer,
        Minimum = "1",
        Maximum = PageQuery.MaxLimit.ToString(CultureInfo.InvariantCulture),
        Default = PageQuery.DefaultLimit,
    };
}
