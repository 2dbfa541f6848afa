using TaggingPipeline.Processing.Customers;

namespace TaggingPipeline.Benchmarks.Storage;

/// <summary>The raw limit: the same bytes inserted by the bare driver, as durably, into tables without an index, reading nothing.</summary>
internal interface IBareStore : IAsyncDisposable
{
    const int DocumentBytes = 5_000;

    Task InsertAsync(IReadOnlyList<CustomerCommit> commits);
}
