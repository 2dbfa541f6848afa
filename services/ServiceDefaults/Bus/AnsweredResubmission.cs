using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>On the in-memory bus: the message is sent like any other, and safe when its consumer has answered.</summary>
internal sealed class AnsweredResubmission(ISafeSender sender) : IResubmission
{
    /// <exception cref="JsonException">It is no message of that queue.</exception>
    public Task SendAsync(string queue, string? contentType, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => queue switch
    {
        QueueNames.TagChanges => SendAsync<TagsChangedBatch>(queue, body, cancellationToken),
        QueueNames.Rejections => SendAsync<EventsRejected>(queue, body, cancellationToken),
        _ => SendAsync<EventBatch>(QueueNames.Events, body, cancellationToken), // partitions have queues on a broker only
    };

    private Task SendAsync<T>(string queue, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        where T : class =>
        sender.SendAsync(queue, JsonSerializer.Deserialize<T>(body.Span, ContractsJson.Options) ?? throw new JsonException("The message is null."), cancellationToken);
}
