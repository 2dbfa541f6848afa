namespace TaggingPipeline.Processing.Evaluation;

/// <summary>Which evaluators run at the moment, so that they share the work. Correctness never depends on it.</summary>
public interface IEvaluatorRoster
{
    /// <summary>Signs an evaluator in, or keeps it signed in, until the time has passed on the store's own clock.</summary>
    /// <returns>All who are signed in now, itself among them, in the order of UTF-8.</returns>
    Task<IReadOnlyList<string>> SignInAsync(string evaluator, TimeSpan stay, CancellationToken cancellationToken);

    /// <summary>Signs an evaluator out; one who is not signed in is fine.</summary>
    Task SignOutAsync(string evaluator, CancellationToken cancellationToken);
}
