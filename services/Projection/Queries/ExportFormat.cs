using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using NodaTime.Text;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Projections;

namespace TaggingPipeline.Projection.Queries;

/// <summary>How members are written when they are streamed.</summary>
internal abstract class ExportFormat
{
    private static readonly ExportFormat[] All = [new CsvFormat(), new JsonLinesFormat()];

    private protected ExportFormat()
    {
    }

    public abstract string MediaType { get; }

    /// <summary>The media type with what belongs to it.</summary>
    public abstract string ContentType { get; }

    /// <summary>The format that the request would rather have than JSON; null for none. Where both are as welcome, JSON it is.</summary>
    public static ExportFormat? WantedBy(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        var best = All.MaxBy(format => Quality(format.MediaType))!;
        return Quality(best.MediaType) > Quality("application/json") ? best : null;

        double Quality(string mediaType)
        {
            // The most specific range that covers the type decides (RFC 9110, 12.5.1).
            var type = new MediaTypeHeaderValue(mediaType);
            var range = accepted.Where(type.IsSubsetOf).OrderBy(range => range.MatchesAllTypes ? 2 : range.MatchesAllSubTypes ? 1 : 0).FirstOrDefault();
            return range is null ? 0 : range.Quality ?? 1;
        }
    }

    public abstract void WriteHead(IBufferWriter<byte> output);

    public abstract void Write(IReadOnlyList<SegmentMember> members, IBufferWriter<byte> output);

    /// <summary>RFC 4180.</summary>
    private sealed class CsvFormat : ExportFormat
    {
        private static readonly SearchValues<char> Quoted = SearchValues.Create("\",\r\n");

        public override string MediaType => "text/csv";

        public override string ContentType => "text/csv; charset=utf-8; header=present";

        public override void WriteHead(IBufferWriter<byte> output) => output.Write("customer,since\r\n"u8);

        public override void Write(IReadOnlyList<SegmentMember> members, IBufferWriter<byte> output)
        {
            foreach (var (customer, since) in members)
            {
                Encoding.UTF8.GetBytes(Field(customer), output);
                output.Write(","u8);
                Encoding.UTF8.GetBytes(InstantPattern.ExtendedIso.Format(since), output);
                output.Write("\r\n"u8);
            }
        }

        private static string Field(string text) =>
            text.AsSpan().ContainsAny(Quoted) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    /// <summary>A JSON object on each line, the same as in a page.</summary>
    private sealed class JsonLinesFormat : ExportFormat
    {
        private static readonly JsonWriterOptions WriterOptions = new() { Encoder = ContractsJson.Options.Encoder };

        public override string MediaType => "application/x-ndjson";

        public override string ContentType => MediaType;

        public override void WriteHead(IBufferWriter<byte> output)
        {
        }

        public override void Write(IReadOnlyList<SegmentMember> members, IBufferWriter<byte> output)
        {
            using var json = new Utf8JsonWriter(output, WriterOptions);
            foreach (var (customer, since) in members)
            {
                json.WriteStartObject();
                json.WriteString("customer", customer);
                json.WriteString("since", InstantPattern.ExtendedIso.Format(since));
                json.WriteEndObject();
                json.Flush();
                json.Reset();
                output.Write("\n"u8);
            }
        }
    }
}
