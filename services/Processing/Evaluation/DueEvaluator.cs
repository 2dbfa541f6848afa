using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Processing.Evaluation;

/// <summary>Decides customers again whose time has come: a window slid past, or an event waited for its instant.</summary>
/// <remarks>Safe for concurrent use, by several evaluators too: a customer that another one saved first is left to it.</remarks>
public sealed class DueEvaluator(ICustomerDocuments documents, CustomerRedecider redecider, CurrentRulebook rulebook, TimeProvider clock)
{
    /// <summary>How many customers are loaded, saved and told of at once.</summary>
    public const int PageSize = 500;

    /// <summary>One pass: goes on until nobody is due, or until nothing of a page could be saved.</summary>
    /// <returns>How many customers were decided.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var decided = 0;
        while (true)
        {
            var now = Revision.Now(clock);
            var due = await documents.DueAsync(now, PageSize, cancellationToken);
            if (due.Count == 0)
                return decided;
            var stored = await documents.LoadAsync(due.Select(customer => customer.Customer).ToList(), cancellationToken);
            var stillDue = stored.Where(document => document.WakesAt <= now).ToList();
            var saved = await redecider.DecideAsync(stillDue, rulebook.Value, ChangeCause.Time, cancellationToken);
            decided += saved;
            if (saved == 0 || due.Count < PageSize)
                return decided;
        }
    }
}
