using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.CommandLine.Server;

/// <summary>Speaks to a running server's <c>/api</c>.</summary>
internal sealed class ApiClient : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="patience">How long an answer may take to begin; <see cref="Timeout.InfiniteTimeSpan"/> for any time.</param>
    public ApiClient(Uri url, string apiKey, TimeSpan patience)
    {
        (Url, ApiKey) = (url, apiKey);
        _http = new HttpClient { BaseAddress = url, Timeout = patience };
        _http.DefaultRequestHeaders.Authorization = new("Bearer", apiKey);
    }

    public Uri Url { get; }

    public string ApiKey { get; }

    /// <summary>The JSON at a path, or null where the server says that there is nothing (404).</summary>
    /// <exception cref="CommandException">The server cannot be reached, or refuses.</exception>
    public Task<JsonElement?> GetAsync(string path, CancellationToken cancellationToken) => AskAsync(HttpMethod.Get, path, cancellationToken);

    /// <summary>The JSON that a post without a body is answered with, or null where there is nothing to post to (404).</summary>
    /// <exception cref="CommandException">The server cannot be reached, or refuses.</exception>
    public Task<JsonElement?> PostAsync(string path, CancellationToken cancellationToken) => AskAsync(HttpMethod.Post, path, cancellationToken);

    /// <summary>The items of a list, page by page.</summary>
    /// <exception cref="CommandException">As <see cref="GetAsync"/>, or there is no such list.</exception>
    public async IAsyncEnumerable<JsonElement> ListAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        var page = path;
        while (page is not null)
        {
            if (await GetAsync(page, cancellationToken) is not { ValueKind: JsonValueKind.Object } list || !list.TryGetProperty("items", out var items))
                throw new CommandException($"{Url}{path} is not a list: is it a tagging server?");
            foreach (var item in items.EnumerateArray())
                yield return item;
            page = list.TryGetProperty("next", out var next) && next.ValueKind == JsonValueKind.String
                ? $"{path}{separator}after={Uri.EscapeDataString(next.GetString()!)}"
                : null;
        }
    }

    /// <summary>What the server streams as lines of JSON, line by line as it comes.</summary>
    /// <exception cref="CommandException">The server cannot be reached, refuses, or ends before all is told.</exception>
    public IAsyncEnumerable<JsonElement> LinesAsync(string path, CancellationToken cancellationToken) => LinesAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>What the server streams as lines of JSON, line by line as it comes.</summary>
    /// <param name="body">Sent as JSON; null for none.</param>
    /// <exception cref="CommandException">The server cannot be reached, refuses, or ends before all is told.</exception>
    public async IAsyncEnumerable<JsonElement> LinesAsync(HttpMethod method, string path, object? body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body is null ? null : JsonContent.Create(body, options: ContractsJson.Options) };
        request.Headers.Accept.ParseAdd("application/x-ndjson");
        using var response = await SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw await RefusalAsync(response, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await ReadLineAsync(reader, path, cancellationToken) is { } line)
            yield return line;
    }

    /// <summary>Asks for something to be done, and gives the JSON of the answer.</summary>
    /// <exception cref="CommandException">The server cannot be reached, or refuses.</exception>
    public async Task<JsonElement> DoAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body is null ? null : JsonContent.Create(body, options: ContractsJson.Options) };
            using var response = await _http.SendAsync(request, cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw await RefusalAsync(response, cancellationToken);
            return response.StatusCode == HttpStatusCode.NoContent ? default : await response.Content.ReadFromJsonAsync<JsonElement>(ContractsJson.Options, cancellationToken);
        }
        catch (Exception failure) when (IsNoAnswer(failure))
        {
            throw NoAnswer(failure);
        }
        catch (JsonException failure)
        {
            throw new CommandException($"{Url}{path} did not answer with JSON: is it a tagging server?", failure);
        }
    }

    /// <summary>Removes what is at a path.</summary>
    /// <exception cref="CommandException">The server cannot be reached, or refuses.</exception>
    public async Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.DeleteAsync(new Uri(path, UriKind.Relative), cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw await RefusalAsync(response, cancellationToken);
        }
        catch (Exception failure) when (IsNoAnswer(failure))
        {
            throw NoAnswer(failure);
        }
    }

    /// <summary>Posts a body as lines of JSON.</summary>
    /// <exception cref="HttpRequestException">The server cannot be reached.</exception>
    public async Task<HttpResponseMessage> PostLinesAsync(string path, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        using var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        return await _http.PostAsync(new Uri(path, UriKind.Relative), content, cancellationToken);
    }

    /// <summary>Begins to read an answer that may not end.</summary>
    /// <exception cref="HttpRequestException">The server cannot be reached.</exception>
    public async Task<HttpResponseMessage> OpenAsync(string path, string? lastEventId, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>What to tell when the server said no: its own words where it gives problem details (RFC 9457).</summary>
    public async Task<CommandException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        var hint = response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? " (give the key with --api-key or TAGGING_API_KEY)" : "";
        return new($"{Url} answered {(int)response.StatusCode} {response.ReasonPhrase}{Detail(body)}{hint}");
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception failure) when (IsNoAnswer(failure))
        {
            throw NoAnswer(failure);
        }
    }

    private async Task<JsonElement?> ReadLineAsync(StreamReader reader, string path, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadLineAsync(cancellationToken) is { } line ? JsonSerializer.Deserialize<JsonElement>(line) : null;
        }
        catch (IOException failure)
        {
            throw new CommandException($"{Url}{path} ended before all was told: {failure.Message}", failure);
        }
        catch (JsonException failure)
        {
            throw new CommandException($"{Url}{path} did not answer with lines of JSON: is it a tagging server of this version?", failure);
        }
    }

    private async Task<JsonElement?> AskAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
            using var response = await _http.SendAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.NotFound)
                return null;
            if (!response.IsSuccessStatusCode)
                throw await RefusalAsync(response, cancellationToken);
            return await response.Content.ReadFromJsonAsync<JsonElement>(ContractsJson.Options, cancellationToken);
        }
        catch (Exception failure) when (IsNoAnswer(failure))
        {
            throw NoAnswer(failure);
        }
        catch (JsonException failure)
        {
            throw new CommandException($"{Url}{path} did not answer with JSON: is it a tagging server?", failure);
        }
    }

    /// <summary>A timeout is a cancellation that <see cref="HttpClient"/> made.</summary>
    private static bool IsNoAnswer(Exception failure) => failure is HttpRequestException or TaskCanceledException { InnerException: TimeoutException };

    private CommandException NoAnswer(Exception failure) => new(
        failure is HttpRequestException
            ? $"{Url} cannot be reached: {failure.Message} (is it running? `tagging serve` starts it)"
            : string.Create(CultureInfo.InvariantCulture, $"{Url} did not answer within {_http.Timeout.TotalSeconds} s"),
        failure);

    private static string Detail(string body)
    {
        try
        {
            using var problem = JsonDocument.Parse(body);
            foreach (var name in (string[])["detail", "title"])
            {
                if (problem.RootElement.ValueKind == JsonValueKind.Object && problem.RootElement.TryGetProperty(name, out var text))
                    return $": {text}";
            }

            return "";
        }
        catch (JsonException)
        {
            // Not problem details: the status says what there is to say.
            return "";
        }
    }
}
