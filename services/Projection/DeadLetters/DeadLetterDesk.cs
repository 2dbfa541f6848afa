using System.Text.Json;
using Microsoft.Extensions.Logging;
using TaggingPipeline.Processing.DeadLetters;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Projection.DeadLetters;

/// <summary>Redrives and discards dead letters.</summary>
internal sealed class DeadLetterDesk(IDeadLetters letters, IResubmission resubmission, ILogger<DeadLetterDesk> logger)
{
    private const int PageSize = 500;

    /// <summary>Sends a letter to its queue again, and removes it when that is safe: a crash between leaves it in both, and never in none.</summary>
    /// <returns>Null if it was redriven, or what prevented that.</returns>
    public async Task<Exception?> RedriveAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        try
        {
            await resubmission.SendAsync(letter.Queue, letter.ContentType, letter.Body, cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            Log.NotRedriven(logger, failure, letter.Queue);
            return failure;
        }

        await letters.RemoveAsync(letter.Id, cancellationToken);
        return null;
    }

    /// <summary>Redrives all that fit and were there when this began, the oldest first. One that no queue would ever take is passed over; any other failure ends it.</summary>
    /// <returns>How many were redriven, and the first failure.</returns>
    public async Task<(long Redriven, Exception? Failure)> RedriveAsync(DeadLetterFilter filter, CancellationToken cancellationToken)
    {
        var redriven = 0L;
        Exception? refused = null;
        foreach (var id in await IdsAsync(filter, cancellationToken))
        {
            if (await letters.FindAsync(id, cancellationToken) is not { } letter)
                continue; // somebody else did
            var failure = await RedriveAsync(letter, cancellationToken);
            if (failure is not null and not (JsonException or MessageRefusedException))
                return (redriven, failure);
            refused ??= failure;
            redriven += failure is null ? 1 : 0;
        }

        return (redriven, refused);
    }

    /// <summary>Removes all that fit and were there when this began.</summary>
    public async Task<long> DiscardAsync(DeadLetterFilter filter, CancellationToken cancellationToken)
    {
        var discarded = 0L;
        foreach (var id in await IdsAsync(filter, cancellationToken))
            discarded += await letters.RemoveAsync(id, cancellationToken) ? 1 : 0;
        return discarded;
    }

    /// <remarks>What fails again while it is redriven is another letter, and must not be redriven for ever.</remarks>
    private async Task<List<string>> IdsAsync(DeadLetterFilter filter, CancellationToken cancellationToken)
    {
        var ids = new List<string>();
        while (await letters.ListAsync(filter, ids.LastOrDefault(), PageSize, cancellationToken) is { Count: > 0 } page)
            ids.AddRange(page.Select(letter => letter.Id));
        return ids;
    }
}
