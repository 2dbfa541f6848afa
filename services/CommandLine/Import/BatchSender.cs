using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using TaggingPipeline.CommandLine.Server;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.CommandLine.Import;

/// <summary>Sends batches, again and again while the server is busy or away. Sending a batch twice is harmless.</summary>
internal sealed class BatchSender(ApiClient client, RetrySchedule schedule, TimeProvider clock, Action<string> note)
{
    /// <exception cref="CommandException">The server refused, or stayed away.</exception>
    public async Task<ImportAnswer> SendAsync(ImportBatch batch, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (answer, trouble) = await TryAsync(batch, cancellationToken);
            if (trouble is null)
                return answer!;
            if (schedule.DelayAfter(attempt, trouble.RetryAfter) is not { } delay)
                throw new CommandException($"gave up after {attempt} attempts: {trouble.What}");
            note(string.Create(
                CultureInfo.InvariantCulture, $"{trouble.What}; trying again in {delay.TotalSeconds:0.##} s (attempt {attempt + 1} of {schedule.Attempts})"));
            await Task.Delay(delay, clock, cancellationToken);
        }
    }

    private async Task<(ImportAnswer? Answer, Trouble? Trouble)> TryAsync(ImportBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.PostLinesAsync("api/import", batch.Body, cancellationToken);
            if (IsPassing(response.StatusCode))
                return (null, new($"{client.Url} answered {(int)response.StatusCode}", response.Headers.RetryAfter?.Delta));
            if (!response.IsSuccessStatusCode)
                throw await client.RefusalAsync(response, cancellationToken);
            var answer = await response.Content.ReadFromJsonAsync<ImportAnswer>(ContractsJson.Options, cancellationToken);
            return (Complete(answer, batch), null);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            return (null, new($"{client.Url} cannot be reached: {failure.Message}", null));
        }
        catch (TaskCanceledException failure) when (failure.InnerException is TimeoutException)
        {
            return (null, new($"{client.Url} does not answer", null));
        }
        catch (JsonException failure)
        {
            throw new CommandException($"{client.Url} did not answer with JSON: is it a tagging server?", failure);
        }
    }

    /// <summary>The server, or a proxy before it, is busy or away for a while.</summary>
    private static bool IsPassing(HttpStatusCode status) => status
        is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    /// <summary>An answer that does not account for every event would lose some in silence.</summary>
    private ImportAnswer Complete(ImportAnswer? answer, ImportBatch batch)
    {
        var told = answer is null ? 0 : answer.Accepted + answer.Duplicate + answer.Rejected;
        return told == batch.Events
            ? answer!
            : throw new CommandException($"{client.Url} answered for {told} of {batch.Events} events: is it a tagging server of this version?");
    }

    private sealed record Trouble(string What, TimeSpan? RetryAfter);
}
