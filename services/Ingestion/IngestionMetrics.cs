using System.Diagnostics.Metrics;
using TaggingPipeline.Processing.Intake;

namespace TaggingPipeline.Ingestion;

/// <summary>What ingestion counts.</summary>
internal sealed class IngestionMetrics
{
    public const string MeterName = "TaggingPipeline.Ingestion";

    private readonly Counter<long> _accepted;
    private readonly Counter<long> _rejected;
    private readonly Histogram<int> _requestEvents;

    public IngestionMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _accepted = meter.CreateCounter<long>("tagging.ingestion.accepted", "{event}", "Events accepted and safe");
        _rejected = meter.CreateCounter<long>("tagging.ingestion.rejected", "{event}", "Events and requests kept aside, by code");
        _requestEvents = meter.CreateHistogram<int>("tagging.ingestion.request.events", "{event}", "Events of a request");
    }

    /// <summary>Counts a request whose events are safe.</summary>
    public void Kept(IReadOnlyCollection<EventOutcome> outcomes)
    {
        _requestEvents.Record(outcomes.Count);
        var accepted = 0;
        foreach (var outcome in outcomes)
        {
            if (outcome.IsAccepted)
                accepted++;
            else
                Refused(outcome.Rejection.Code);
        }

        _accepted.Add(accepted);
    }

    /// <summary>Counts an event or a request that was rejected.</summary>
    public void Refused(string code) => _rejected.Add(1, new KeyValuePair<string, object?>("code", code));
}
