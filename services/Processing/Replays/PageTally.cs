using System.Collections.Immutable;
using System.Runtime.InteropServices;
using TaggingPipeline.Domain.Customers;

namespace TaggingPipeline.Processing.Replays;

/// <summary>Adds up what comes of the customers of a page.</summary>
internal sealed class PageTally
{
    private readonly Dictionary<string, TagCounts> _tags = new(StringComparer.Ordinal);
    private readonly List<CustomerDifference> _samples = [];
    private readonly List<LeftCustomer> _left = [];
    private long _customers, _same, _written, _withoutDocument, _withoutEvents;
    private StateDigest _replayed, _live;

    public long Events { get; set; }

    public void Add(ComparedCustomer compared, bool isWritten)
    {
        _customers++;
        _written += isWritten ? 1 : 0;
        _replayed += compared.Digest;
        _live += compared.LiveDigest;
        if (compared.Difference is not { } difference)
        {
            _same++;
            return;
        }

        _withoutDocument += difference.HasDocument ? 0 : 1;
        if (_samples.Count < ReplayReport.MostSamples)
            _samples.Add(difference);
        foreach (var tag in difference.Tags)
        {
            ref var counts = ref CollectionsMarshal.GetValueRefOrAddDefault(_tags, tag.Key, out _);
            counts = (counts ?? new(0, 0, 0)) + (tag.Live.IsMissing ? new(1, 0, 0) : tag.Replayed.IsMissing ? new(0, 1, 0) : new(0, 0, 1));
        }
    }

    public void AddWithoutEvents(StateDigest live)
    {
        _withoutEvents++;
        _live += live;
    }

    public void Leave(string customer, LeftReason reason) => _left.Add(new(customer, reason));

    public ReplayReport ToReport() => new()
    {
        Customers = _customers,
        Events = Events,
        Same = _same,
        Different = _customers - _same,
        Written = _written,
        WithoutDocument = _withoutDocument,
        WithoutEvents = _withoutEvents,
        LeftForLater = _left.Count,
        Left = [.. _left],
        Tags = _tags.ToImmutableSortedDictionary(StringComparer.Ordinal),
        Samples = [.. _samples],
        Replayed = _replayed,
        Live = _live,
    };
}
