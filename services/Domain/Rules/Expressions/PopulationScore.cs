using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Populations;

namespace TaggingPipeline.Domain.Rules.Expressions;

/// <summary><c>quintile(x)</c>, <c>percentile(x)</c>: how many of the population's cuts lie below x. Missing where x is no number, and where no snapshot covers it.</summary>
/// <param name="argument">The place of x among the rulebook's population arguments.</param>
/// <param name="first">What it comes to where no cut lies below.</param>
/// <param name="step">Every how many percent there is a cut.</param>
/// <param name="margin">x reaches a cut where it is at least so much larger; null where being larger is enough.</param>
internal sealed class PopulationScore(string text, Expression operand, int argument, int first, int step, decimal? margin)
    : Expression(StaticType.Number, text)
{
    public override Timed Evaluate(in Scope scope)
    {
        if (scope.Populations?[argument] is not { Cuts.IsEmpty: false } figures)
            return Timed.Always(Value.Missing);
        var timed = operand.Evaluate(scope);
        if (!Amounts.TryRead(timed.Value, out var value))
            return new(Value.Missing, timed.Until);
        var reached = 0;
        for (var percent = step; percent <= PopulationFigures.Percentiles && Reaches(value, figures, percent); percent += step)
            reached++;
        return new(Value.Of((decimal)(first + reached)), timed.Drift is null ? timed.Until : Math.Max(timed.Until, Crossing(scope.AsOf, timed.Drift, value, figures, reached)));
    }

    /// <summary>What it comes to, and what is beneath it.</summary>
    public override void Explain(in Scope scope, Explanation explanation)
    {
        explanation.Add(Finding.Of(this, Evaluate(scope).Value, Value.Missing, scope));
        operand.Explain(scope, explanation);
    }

    public override void Touch(in Scope scope, Explanation explanation) => operand.Touch(scope, explanation);

    private bool Reaches(decimal value, PopulationFigures figures, int percent) => figures.CutAt(percent) is { } cut
        && (margin is { } distance ? value >= cut + distance : value > cut);

    /// <summary>An instant before which a value that the clock moves step by step reaches no other cut.</summary>
    private long Crossing(long asOf, Drift drift, decimal value, PopulationFigures figures, int reached)
    {
        const decimal Rounded = 0.000_000_000_1m;
        var percent = (drift.Rate > 0 ? reached + 1 : reached) * step;
        return percent is < 1 or > PopulationFigures.Percentiles
            ? drift.Until
            : drift.BeforeGone(asOf, Math.Abs(figures.CutAt(percent)!.Value + (margin ?? 0) - value) - Rounded);
    }
}
