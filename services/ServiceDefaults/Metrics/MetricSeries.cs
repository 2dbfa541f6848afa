using System.Globalization;
using System.Text;

namespace TaggingPipeline.ServiceDefaults.Metrics;

/// <summary>The measurements of one instrument under one set of labels.</summary>
/// <param name="labels">As the exposition writes them, without braces; empty for none.</param>
internal abstract class MetricSeries(string labels)
{
    public abstract void Record(double measurement);

    /// <summary>Appends the lines of this series.</summary>
    public abstract void Write(StringBuilder text, string name);

    protected void WriteLine(StringBuilder text, string name, double value, string extraLabel = "")
    {
        text.Append(name);
        if (labels.Length + extraLabel.Length > 0)
            text.Append('{').Append(labels).Append(labels.Length > 0 && extraLabel.Length > 0 ? "," : "").Append(extraLabel).Append('}');
        text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }
}

/// <summary>Adds up what is measured.</summary>
internal sealed class SumSeries(string labels) : MetricSeries(labels)
{
    private readonly Lock _gate = new();
    private double _sum;

    public override void Record(double measurement)
    {
        lock (_gate)
            _sum += measurement;
    }

    public override void Write(StringBuilder text, string name)
    {
        lock (_gate)
            WriteLine(text, name, _sum);
    }
}

/// <summary>Keeps what was measured last.</summary>
internal sealed class LastSeries(string labels) : MetricSeries(labels)
{
    private double _last;

    public override void Record(double measurement) => Volatile.Write(ref _last, measurement);

    public override void Write(StringBuilder text, string name) => WriteLine(text, name, Volatile.Read(ref _last));
}

/// <summary>Counts how many measurements lie at or below each bound.</summary>
internal sealed class HistogramSeries(string labels, IReadOnlyList<double> bounds) : MetricSeries(labels)
{
    private readonly Lock _gate = new();
    private readonly long[] _counts = new long[bounds.Count + 1];
    private double _sum;

    public override void Record(double measurement)
    {
        var bucket = 0;
        while (bucket < bounds.Count && measurement > bounds[bucket])
            bucket++;
        lock (_gate)
        {
            _counts[bucket]++;
            _sum += measurement;
        }
    }

    public override void Write(StringBuilder text, string name)
    {
        lock (_gate)
        {
            var seen = 0L;
            for (var bucket = 0; bucket < _counts.Length; bucket++)
            {
                seen += _counts[bucket];
                var bound = bucket < bounds.Count ? bounds[bucket].ToString("R", CultureInfo.InvariantCulture) : "+Inf";
                WriteLine(text, name + "_bucket", seen, $"le=\"{bound}\"");
            }

            WriteLine(text, name + "_sum", _sum);
            WriteLine(text, name + "_count", seen);
        }
    }
}
