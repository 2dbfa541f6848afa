using TaggingPipeline.Contracts;
using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Processing.Events;

/// <summary>What rules that depend on their own past have come to, as events of the journal. They travel on no bus.</summary>
public static class AssignmentEvents
{
    public const string Kind = "assignment";

    /// <summary>Ids that begin so are the pipeline's own: no event that is sent may have one.</summary>
    public const string ReservedIds = "tagging:";

    /// <remarks>A customer's documents are saved one after the other, so no two assignments of a tag have one number, and no two events one id.</remarks>
    public static JournaledEvent ToJournal(string customer, TagAssignment assignment) => EventMapping.ToJournal(new()
    {
        EventId = $"{ReservedIds}assigned:{assignment.Key}:{assignment.Sequence}",
        CustomerId = customer,
        Kind = Kind,
        Name = "Tag Decided",
        OccurredAt = assignment.At.ToDateTimeOffset(),
        ReceivedAt = assignment.At.ToDateTimeOffset(),
        Properties = ValueJson.ToTypedElement(Value.Of(PropertyBag.Of(
            (TagEvents.Tag, Value.Of(assignment.Key)), (TagEvents.Value, assignment.Value), (TagEvents.Sequence, Value.Of(assignment.Sequence))))),
    });
}
