using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Customers;

namespace TaggingPipeline.Processing.Events;

/// <summary>Reasons between the form that rules give and the form they travel in.</summary>
public static class ReasonMapping
{
    public static ChangeReason ToContract(Reason reason) => new()
    {
        Text = reason.Text,
        Clauses = [.. reason.Clauses.Select(ToContract)],
        Events = reason.Events,
    };

    private static ReasonClause ToContract(Clause clause) => new()
    {
        Text = clause.Text,
        Actual = ValueJson.ToElement(clause.Actual),
        Threshold = ValueJson.ToElement(clause.Threshold),
        Holds = clause.Holds,
        Note = clause.Note,
    };
}
