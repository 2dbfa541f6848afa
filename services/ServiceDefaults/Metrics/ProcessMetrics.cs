using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace TaggingPipeline.ServiceDefaults.Metrics;

/// <summary>Listens to this process's own meters, and writes what they measured in Prometheus' text format.</summary>
/// <remarks>
/// Counts from when it was made; thread-safe. Meters: the pipeline's own, the runtime's, and the web server's.
/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
/// </remarks>
public sealed class ProcessMetrics : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly string[] Meters = ["TaggingPipeline", "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"];
    private static readonly double[] SecondsBounds = [.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10];
    private static readonly double[] CountBounds = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500];

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, ConcurrentDictionary<string, MetricSeries>> _measured = new();

    public ProcessMetrics()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (Array.Exists(Meters, meter => instrument.Meter.Name.StartsWith(meter, StringComparison.Ordinal)))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((instrument, measurement, tags, _) => Record(instrument, measurement, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, measurement, tags, _) => Record(instrument, measurement, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, measurement, tags, _) => Record(instrument, measurement, tags));
        _listener.Start();
    }

    public string Write()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var (instrument, series) in _measured.OrderBy(measured => measured.Key.Name, StringComparer.Ordinal))
        {
            var name = PrometheusName.Of(instrument);
            if (instrument.Description is { } description)
                text.Append("# HELP ").Append(name).Append(' ').Append(description.ReplaceLineEndings(" ")).Append('\n');
            text.Append("# TYPE ").Append(name).Append(' ').Append(PrometheusName.TypeOf(instrument)).Append('\n');
            foreach (var (_, one) in series.OrderBy(labelled => labelled.Key, StringComparer.Ordinal))
                one.Write(text, name);
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double measurement, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = _measured.GetOrAdd(instrument, static _ => new(StringComparer.Ordinal));
        var labels = PrometheusName.Labels(tags);
        series.GetOrAdd(labels, SeriesOf, instrument).Record(measurement);
    }

    private static MetricSeries SeriesOf(string labels, Instrument instrument) => PrometheusName.TypeOf(instrument) switch
    {
        "histogram" => new HistogramSeries(labels, (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries ?? (instrument.Unit == "s" ? SecondsBounds : CountBounds)),
        _ when instrument.IsObservable || instrument is Gauge<double> or Gauge<long> or Gauge<int> => new LastSeries(labels),
        _ => new SumSeries(labels),
    };
}
