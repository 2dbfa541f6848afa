using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Processing.Evaluation;

/// <summary>Decides customers again whose time has come: a window slid past, or an event waited for its instant.</summary>
/// <remarks>Each evaluator does so for its share. Safe for concurrent use all the same: a customer that another one saved first is left to it.</remarks>
public sealed class DueEvaluator(
    ICustomerDocuments documents, CustomerRedecider redecider, CurrentRulebook rulebook, CurrentShare share, TimeProvider clock)
{
    /// <summary>How many customers are looked at, and of these loaded, saved and told of, at once.</summary>
    public const int PageSize = 500;

    /// <summary>Goes once through all who are due.</summary>
    public async Task<Redecided> RunAsync(CancellationToken cancellationToken)
    {
        var now = Revision.Now(clock);
        var (saved, overtaken) = (0, 0);
        DueCustomer? after = null;
        while (true)
        {
            var due = await documents.DueAsync(now, after, PageSize, cancellationToken);
            var mine = share.Value;
            var customers = due.Select(each => each.Customer).Where(mine.Has).ToList();
            if (customers.Count > 0)
            {
                var stored = await documents.LoadAsync(customers, cancellationToken);
                var stillDue = stored.Where(document => document.WakesAt <= now).ToList();
                var underWhich = stillDue.Count == 0 ? rulebook.Value : await rulebook.AtLeastAsync(stillDue.Max(document => document.RulebookNumber), cancellationToken);
                var decided = await redecider.DecideAsync(stillDue, underWhich, ChangeCause.Time, cancellationToken);
                (saved, overtaken) = (saved + decided.Saved, overtaken + decided.Overtaken);
            }

            if (due.Count < PageSize)
                return new(saved, overtaken);
            after = due[^1];
        }
    }
}
