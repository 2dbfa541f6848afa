using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace TaggingPipeline.ServiceDefaults.Metrics;

/// <summary>How .NET's instruments and tags are called in Prometheus.</summary>
/// <remarks>https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus</remarks>
internal static class PrometheusName
{
    /// <summary>Such as <c>http_server_request_duration_seconds</c> for <c>http.server.request.duration</c> in <c>s</c>.</summary>
    public static string Of(Instrument instrument)
    {
        var name = Cleaned(instrument.Name) + instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "", // units in braces are notes, not units
        };
        return TypeOf(instrument) == "counter" && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    /// <summary><c>counter</c>, <c>gauge</c> or <c>histogram</c>.</summary>
    public static string TypeOf(Instrument instrument) => instrument switch
    {
        Counter<long> or Counter<int> or Counter<double> => "counter",
        ObservableCounter<long> or ObservableCounter<int> or ObservableCounter<double> => "counter",
        Histogram<double> or Histogram<long> or Histogram<int> => "histogram",
        _ => "gauge",
    };

    /// <summary>Such as <c>method="GET",status="200"</c>.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return "";
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            text.Append(text.Length > 0 ? "," : "").Append(Cleaned(name)).Append("=\"");
            text.Append(Convert.ToString(value, CultureInfo.InvariantCulture)?.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal));
            text.Append('"');
        }

        return text.ToString();
    }

    private static string Cleaned(string name) => string.Create(name.Length, name, static (letters, from) =>
    {
        for (var i = 0; i < letters.Length; i++)
            letters[i] = char.IsAsciiLetterOrDigit(from[i]) ? from[i] : '_';
    });
}
