namespace TaggingPipeline.Processing.Leases;

/// <summary>Names that one holder at a time has, so that of several processes one does a piece of work.</summary>
/// <remarks>
/// On the store's own clock. A holder that stalls may find that another has the name meanwhile, so what is done under a lease must do no harm when it is done twice.
/// </remarks>
public interface ILeases
{
    /// <summary>Takes those names that nobody else has, and keeps those that the holder has, until the time has passed.</summary>
    /// <returns>Which of the names the holder has now.</returns>
    Task<IReadOnlySet<string>> TakeAsync(IReadOnlyCollection<string> names, string holder, TimeSpan stay, CancellationToken cancellationToken);

    /// <summary>Gives back names that the holder has; names that it does not have are fine.</summary>
    Task ReleaseAsync(IReadOnlyCollection<string> names, string holder, CancellationToken cancellationToken);
}
