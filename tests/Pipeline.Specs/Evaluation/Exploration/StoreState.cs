using System.Collections.Immutable;
using System.Text;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Journal;

namespace TaggingPipeline.Pipeline.Specs.Evaluation.Exploration;

/// <summary>Everything that survives a crash: what is stored, what was told, and which deliveries were acknowledged.</summary>
/// <remarks>Immutable, so that an exploration can go back to it.</remarks>
internal sealed record StoreState
{
    /// <summary>The order of ids that the ports promise: that of their UTF-8.</summary>
    public static IComparer<string> OfIds { get; } = Comparer<string>.Create((left, right) =>
        Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right)));

    private static IComparer<EventKey> OfKeys { get; } = Comparer<EventKey>.Create((left, right) =>
        OfIds.Compare(left.Customer, right.Customer) is var order and not 0 ? order : OfIds.Compare(left.EventId, right.EventId));

    public static StoreState Empty { get; } = new();

    public ImmutableSortedDictionary<string, CustomerDocument> Documents { get; init; } =
        ImmutableSortedDictionary.Create<string, CustomerDocument>(OfIds);

    public ImmutableSortedDictionary<EventKey, JournaledEvent> Journal { get; init; } =
        ImmutableSortedDictionary.Create<EventKey, JournaledEvent>(OfKeys);

    /// <summary>Every change told, by its id.</summary>
    public ImmutableSortedDictionary<string, TagChanged> Told { get; init; } =
        ImmutableSortedDictionary.Create<string, TagChanged>(StringComparer.Ordinal);

    /// <summary>What was told wrongly; empty in every sound run.</summary>
    public ImmutableList<string> Faults { get; init; } = [];

    public ImmutableSortedSet<int> Acknowledged { get; init; } = [];

    public ImmutableList<RejectedEvent> Rejected { get; init; } = [];

    /// <summary>Tells of a customer; the same change told again must be the same.</summary>
    public StoreState Tell(TagsChanged message)
    {
        var state = this;
        foreach (var change in message.Changes)
        {
            if (!state.Told.TryGetValue(change.Id, out var before))
                state = state with { Told = state.Told.Add(change.Id, change) };
            else if (Texts.Of(before) != Texts.Of(change))
                state = state with { Faults = state.Faults.Add($"{change.Id} was told as {Texts.Of(before)} and then as {Texts.Of(change)}") };
        }

        return state;
    }
}
