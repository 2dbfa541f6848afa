using System.Buffers;
using System.Text;
using System.Text.Json;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.CommandLine.Output;

/// <summary>One JSON object a line; a missing value is null.</summary>
internal sealed class JsonRowWriter(TextWriter output, string[] columns) : RowWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = ContractsJson.Options.Encoder };

    private readonly ArrayBufferWriter<byte> _line = new();

    public override void Write(params ReadOnlySpan<Value> cells)
    {
        _line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_line, Options))
        {
            json.WriteStartObject();
            for (var i = 0; i < columns.Length; i++)
            {
                json.WritePropertyName(columns[i]);
                ValueJson.WritePlain(json, cells[i]);
            }

            json.WriteEndObject();
        }

        output.Write(Encoding.UTF8.GetString(_line.WrittenSpan));
        output.Write('\n');
    }

    public override void Dispose()
    {
    }
}
