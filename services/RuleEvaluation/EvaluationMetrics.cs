using System.Diagnostics.Metrics;
using TaggingPipeline.Processing.Evaluation;

namespace TaggingPipeline.RuleEvaluation;

/// <summary>What rule evaluation counts.</summary>
internal sealed class EvaluationMetrics
{
    private readonly Counter<long> _committed;
    private readonly Counter<long> _due;
    private readonly Counter<long> _overtaken;

    public EvaluationMetrics(IMeterFactory meters, RulebookRollover rollover)
    {
        var meter = meters.Create("TaggingPipeline.RuleEvaluation");
        _committed = meter.CreateCounter<long>("tagging.evaluation.committed", "{event}", "Events committed that were new to the journal");
        _due = meter.CreateCounter<long>("tagging.evaluation.due", "{customer}", "Customers decided because their time had come");
        _overtaken = meter.CreateCounter<long>("tagging.evaluation.overtaken", "{save}", "Saves of a customer that another came before: evaluators, or their lines, met");
        meter.CreateObservableCounter("tagging.evaluation.rolled_over", () => rollover.Done, "{customer}", "Customers brought under the rulebook in force though nothing happened to them");
    }

    public void Committed(CommittedBatch batch)
    {
        _committed.Add(batch.Accepted);
        _overtaken.Add(batch.Overtaken);
    }

    public void DueDecided(Redecided customers)
    {
        _due.Add(customers.Saved);
        _overtaken.Add(customers.Overtaken);
    }
}
