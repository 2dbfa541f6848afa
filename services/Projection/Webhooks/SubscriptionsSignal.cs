namespace TaggingPipeline.Projection.Webhooks;

/// <summary>Told within this process that a subscription was changed, so that it takes effect at once.</summary>
internal sealed class SubscriptionsSignal : IDisposable
{
    private readonly SemaphoreSlim _changed = new(0);

    public void Raise() => _changed.Release();

    /// <summary>Until something has changed, or the time has passed.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        await _changed.WaitAsync(atMost, cancellationToken);
        while (_changed.Wait(0, CancellationToken.None))
        {
            // Several changes are looked at together.
        }
    }

    public void Dispose() => _changed.Dispose();
}
