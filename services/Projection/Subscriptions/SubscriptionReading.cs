using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Subscriptions;
using TaggingPipeline.Projection.Queries;
using TaggingPipeline.Projection.Webhooks;

namespace TaggingPipeline.Projection.Subscriptions;

/// <summary>Reads what requests say of subscriptions; every mistake is answered with the name of its field.</summary>
internal static partial class SubscriptionReading
{
    private const int MostTraits = 50;
    private const int MostListed = 100;

    public static ProblemHttpResult? CheckId(string id) =>
        IdPattern().IsMatch(id) ? null : Problems.BadField("id", $"`{id}` is not a name of small letters, digits and dashes, up to 64");

    public static ProblemHttpResult? CheckSecret(string? secret) =>
        secret is not null && SigningSecret.ProblemWith(secret) is { } problem
            ? Problems.BadField("secret", $"{problem}; a secret is {SigningSecret.Prefix} and {SigningSecret.LeastBytes} to {SigningSecret.MostBytes} bytes in base64")
            : null;

    /// <summary>What is asked for; or the problem with it.</summary>
    public static (WebhookTerms? Terms, ProblemHttpResult? Problem) ReadTerms(SubscriptionFields fields, Rulebook rulebook)
    {
        if (fields.Kind is not null and not ShownSubscription.Webhook)
            return (null, Problems.BadField("kind", $"`{fields.Kind}` is none of {ShownSubscription.Webhook}"));
        if (fields.Address is not { Length: > 0 } address)
            return (null, Problems.BadField("address", "it is missing"));
        if (AddressRules.ProblemWith(address) is { } wrong)
            return (null, Problems.BadField("address", wrong));
        var (filter, problem) = ReadFilter(fields.Filter ?? new(), rulebook);
        if (problem is not null)
            return (null, problem);
        if (fields.Traits is { } traits && (traits.Count > MostTraits || traits.Any(string.IsNullOrEmpty)))
            return (null, Problems.BadField("traits", $"expected up to {MostTraits} names"));
        var shapes = Enum.GetNames<PayloadShape>().Select(name => name.ToLowerInvariant()).ToArray();
        var shape = Array.IndexOf(shapes, fields.Shape ?? shapes[0]);
        if (shape < 0)
            return (null, Problems.BadField("shape", $"`{fields.Shape}` is none of {string.Join(", ", shapes)}"));

        var terms = new WebhookTerms { Address = address, Filter = filter!, Traits = [.. (fields.Traits ?? []).Distinct()], Shape = (PayloadShape)shape };
        terms = terms with
        {
            Concurrency = fields.Concurrency ?? terms.Concurrency, BatchSize = fields.BatchSize ?? terms.BatchSize, TimeoutSeconds = fields.TimeoutSeconds ?? terms.TimeoutSeconds,
        };
        problem = CheckRange("concurrency", terms.Concurrency, WebhookTerms.MaxConcurrency) ?? CheckRange("batchSize", terms.BatchSize, WebhookTerms.MaxBatchSize)
            ?? CheckRange("timeoutSeconds", terms.TimeoutSeconds, WebhookTerms.MaxTimeoutSeconds);
        return problem is null ? (terms, null) : (null, problem);
    }

    /// <summary>A position of the feed as requests write it.</summary>
    public static (long Position, ProblemHttpResult? Problem) ReadStart(string? start, long newest)
    {
        switch (start)
        {
            case "now": return (newest, null);
            case "first": return (0, null);
            case not null when long.TryParse(start, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var position):
                return position <= newest ? (position, null) : (0, Problems.BadField("start", $"`{start}` lies after the newest position of the feed, {newest}"));
            default: return (0, Problems.BadField("start", $"`{start}` is none of now, first, or a position of the feed"));
        }
    }

    private static (ChangeFilter? Filter, ProblemHttpResult? Problem) ReadFilter(FilterFields fields, Rulebook rulebook)
    {
        var filter = new ChangeFilter { Keys = List(fields.Key), Types = List(fields.Type), Causes = List(fields.Cause), Segments = List(fields.Segment), Categories = List(fields.Category) };
        string[] segments = [.. rulebook.Segments.Select(rule => rule.Key)];
        string[] keys = [.. rulebook.Tags.Select(rule => rule.Key), .. segments];
        var problem = CheckKnown("filter.key", filter.Keys, keys, "tag or segment") ?? CheckKnown("filter.segment", filter.Segments, segments, "segment")
            ?? CheckChoice("filter.type", filter.Types, ChangeFilter.AllTypes) ?? CheckChoice("filter.cause", filter.Causes, ChangeFilter.AllCauses)
            ?? CheckChoice("filter.category", filter.Categories, ChangeFilter.AllCategories);
        if (problem is null && !filter.Segments.IsEmpty && !filter.Categories.IsEmpty)
            problem = Problems.BadField("filter.category", "segments have no category, so that together with `segment` it fits nothing");
        return problem is null ? (filter, null) : (null, problem);
    }

    private static ImmutableArray<string> List(IReadOnlyList<string>? items) => items is null ? [] : [.. items];

    private static ProblemHttpResult? CheckItems(string field, ImmutableArray<string> given) =>
        given.Any(each => each is null) ? Problems.BadField(field, "an item of the list is null") : null;

    private static ProblemHttpResult? CheckKnown(string field, ImmutableArray<string> given, string[] known, string what) =>
        CheckItems(field, given) is { } problem ? problem
        : given.Length > MostListed ? Problems.BadField(field, $"expected up to {MostListed}")
        : given.FirstOrDefault(each => !known.Contains(each)) is { } bad ? Problems.BadField(field, $"the rulebook has no {what} `{bad}`{Suggestions.DidYouMean(bad, known)}")
        : null;

    private static ProblemHttpResult? CheckChoice(string field, ImmutableArray<string> given, ImmutableArray<string> choices) =>
        CheckItems(field, given) is { } problem ? problem
        : given.FirstOrDefault(each => !choices.Contains(each)) is { } bad ? Problems.BadField(field, $"`{bad}` is none of {string.Join(", ", choices)}") : null;

    private static ProblemHttpResult? CheckRange(string field, int given, int most) =>
        given >= 1 && given <= most ? null : Problems.BadField(field, $"{given} is not from 1 to {most}");

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex IdPattern();
}
