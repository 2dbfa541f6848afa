using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using NodaTime;
using TaggingPipeline.Processing.Subscriptions;

namespace TaggingPipeline.Projection.Webhooks;

/// <summary>What to send, once or again.</summary>
internal sealed record WebhookMessage(string Id, string ContentType, ReadOnlyMemory<byte> Body);

/// <summary>What came of one request.</summary>
/// <param name="Status">Null if there was no answer.</param>
/// <param name="Error">Null for a success.</param>
/// <param name="RetryAfter">How long the subscriber asks to be left alone.</param>
internal sealed record SendResult(int? Status, string? Error, Duration? RetryAfter, int DurationMilliseconds)
{
    public bool IsSuccess => Error is null;

    /// <summary>The subscriber is there, and does not take this.</summary>
    public bool IsRefused => Status is >= 400 and < 500 and not (408 or 410 or 429);

    public bool IsGone => Status == (int)HttpStatusCode.Gone;
}

/// <summary>Sends signed requests to one subscriber.</summary>
internal sealed class WebhookSender(HttpClient http, WebhookOptions options)
{
    private const int MostRead = 4096;
    private const int MostShown = 200;

    /// <summary>The status decides; what is said besides is not waited for long.</summary>
    private static readonly TimeSpan ReadsWithin = TimeSpan.FromSeconds(1);

    /// <returns>Whatever happens but cancellation is a result.</returns>
    public async Task<SendResult> SendAsync(WebhookTerms terms, IEnumerable<SigningSecret> secrets, WebhookMessage message, CancellationToken cancellationToken)
    {
        var begun = options.Clock.GetTimestamp();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(terms.TimeoutSeconds));
        try
        {
            using var request = Request(terms, secrets, message);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            var said = await ReadAsync(response, cancellationToken);
            return Result((int)response.StatusCode, response.IsSuccessStatusCode ? null : Describe(response, said), RetryAfter(response));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Result(null, $"no answer within {terms.TimeoutSeconds} s", null);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or SocketException or AuthenticationException)
        {
            return Result(null, failure is HttpRequestException { InnerException: { } cause } ? $"{failure.Message} {cause.Message}" : failure.Message, null);
        }

        SendResult Result(int? status, string? error, Duration? retryAfter) =>
            new(status, error, retryAfter, (int)options.Clock.GetElapsedTime(begun).TotalMilliseconds);
    }

    private HttpRequestMessage Request(WebhookTerms terms, IEnumerable<SigningSecret> secrets, WebhookMessage message)
    {
        var now = options.Now();
        var seconds = now.ToUnixTimeSeconds();
        var content = new ReadOnlyMemoryContent(message.Body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(message.ContentType);
        var request = new HttpRequestMessage(HttpMethod.Post, terms.Address) { Content = content };
        request.Headers.Add("User-Agent", "tagging-pipeline");
        request.Headers.Add("webhook-id", message.Id);
        request.Headers.Add("webhook-timestamp", seconds.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", WebhookSignature.Of(message.Id, seconds, message.Body.Span, secrets.Where(secret => secret.IsInForce(now))));
        return request;
    }

    /// <summary>The beginning of an answer, nothing if it does not come. A short one is read to its end, so that the connection can be used again.</summary>
    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(ReadsWithin);
        try
        {
            var buffer = new byte[MostRead];
            await using var stream = await response.Content.ReadAsStreamAsync(deadline.Token);
            var count = await stream.ReadAtLeastAsync(buffer, MostRead, throwOnEndOfStream: false, deadline.Token);
            var text = Encoding.UTF8.GetString(buffer, 0, count).Trim();
            return new string([.. text.Take(MostShown).Select(letter => char.IsControl(letter) ? ' ' : letter)]);
        }
        catch (Exception failure) when (failure is OperationCanceledException or HttpRequestException or IOException or SocketException)
        {
            return ""; // the status says what became of the delivery
        }
    }

    private static string Describe(HttpResponseMessage response, string said)
    {
        var status = (int)response.StatusCode;
        if (status is >= 300 and < 400)
            return $"answered {status}; redirects are not followed";
        return said.Length == 0 ? $"answered {status}" : $"answered {status}: {said}";
    }

    private Duration? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => Duration.FromTimeSpan(delta),
        { Date: { } date } => Duration.FromTimeSpan(date - options.Clock.GetUtcNow()),
        _ => HasHugeRetryAfter(response) ? options.LongestAskedPause : null,
    };

    /// <summary>More seconds than a number of 32 bits has, which is not read.</summary>
    private static bool HasHugeRetryAfter(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("Retry-After", out var values) && values.ToString().Trim() is { Length: > 0 } text && text.All(char.IsAsciiDigit);
}
