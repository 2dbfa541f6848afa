using TaggingPipeline.Processing.Customers;

namespace TaggingPipeline.Processing.Previews;

/// <summary>Hands out the customers to look at, a page at a time, by ascending id, to several workers.</summary>
internal sealed class CustomerPages : IDisposable
{
    private const int IdsAtOnce = 1_000;

    private readonly ICustomerDocuments _documents;
    private readonly ulong _below;
    private readonly SemaphoreSlim _turn = new(1);
    private string? _after;
    private bool _ended;

    private CustomerPages(ICustomerDocuments documents, ulong below) => (_documents, _below) = (documents, below);

    /// <summary>How many customers were passed, whether or not they are in the sample.</summary>
    public long Passed { get; private set; }

    /// <param name="sample">About how many of them to hand out; null for all. The same ids are chosen every time: those with the smallest hashes.</param>
    public static async Task<CustomerPages> OfAsync(ICustomerDocuments documents, int? sample, CancellationToken cancellationToken)
    {
        if (sample is not { } wanted)
            return new(documents, ulong.MaxValue);
        var customers = await documents.CountAsync(cancellationToken);
        return new(documents, customers <= wanted ? ulong.MaxValue : (ulong)((double)wanted / customers * uint.MaxValue));
    }

    /// <returns>Null when there are no more; may be empty.</returns>
    public async Task<IReadOnlyCollection<string>?> NextAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_ended)
                return null;
            var ids = await _documents.IdsAsync(_after, IdsAtOnce, cancellationToken);
            _ended = ids.Count < IdsAtOnce;
            Passed += ids.Count;
            if (ids.Count > 0)
                _after = ids[^1];
            return [.. ids.Where(id => Mixed(CustomerHash.Of(id)) <= _below)];
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>Ids that differ in their last characters only have hashes that lie close together; this spreads them: the finalizer of MurmurHash3.</summary>
    private static uint Mixed(uint hash)
    {
        hash = (hash ^ (hash >> 16)) * 0x85EBCA6B;
        hash = (hash ^ (hash >> 13)) * 0xC2B2AE35;
        return hash ^ (hash >> 16);
    }
}
