using TaggingPipeline.Domain.Customers;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;

namespace TaggingPipeline.Processing.Evaluation;

/// <summary>A stored customer document with an outbox: what it says is not known to be published.</summary>
/// <param name="Traits">Those in the document's facts, so that they need not be decoded again.</param>
public sealed record UntoldCustomer(CustomerDocument Document, PropertyBag Traits)
{
    /// <summary>The document as one to tell of, or null if it has no outbox or its facts belong to other measures.</summary>
    internal static UntoldCustomer? Of(CustomerDocument document, Rulebook rulebook) =>
        document.Outbox is not null && document.Facts.For(rulebook) is { } facts ? new(document, facts.Traits) : null;
}
