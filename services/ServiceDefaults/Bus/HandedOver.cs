using System.Net.Mime;
using System.Runtime.CompilerServices;
using System.Runtime.Serialization;
using System.Text;
using MassTransit;
using MassTransit.Mediator.Contexts;
using MassTransit.Serialization;

namespace TaggingPipeline.ServiceDefaults.Bus;

/// <summary>Messages of the in-memory bus: the consumer gets the object that was sent, which nobody writes as JSON or reads.</summary>
/// <remarks>
/// The transport carries bytes. It is given an array of the message's own that says nothing, and a table finds the message by it, wherever in the process the array comes to, an error
/// queue too, and for as long as it is there. So what is sent must not be changed any more: contracts cannot be, and whoever makes one lets go of its lists.
/// </remarks>
internal sealed class HandedOver : ISerializerFactory, IMessageSerializer, IMessageDeserializer
{
    private readonly ConditionalWeakTable<byte[], Sent> _sent = [];

    public ContentType ContentType { get; } = new("application/vnd.tagging.object");

    public IMessageSerializer CreateSerializer() => this;

    public IMessageDeserializer CreateDeserializer() => this;

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class =>
        new Body<T>(context, _sent);

    public ConsumeContext Deserialize(ReceiveContext receiveContext) =>
        new BodyConsumeContext(receiveContext, Deserialize(receiveContext.Body, receiveContext.TransportHeaders, receiveContext.InputAddress));

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
        _sent.TryGetValue(body.GetBytes(), out var sent) ? sent.Open() : throw new SerializationException("The message was not sent within this process.");

    /// <summary>The message that a body stands for; null if it was not sent within this process.</summary>
    public object? Find(MessageBody body) => _sent.TryGetValue(body.GetBytes(), out var sent) ? sent.Message : null;

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    public void Probe(ProbeContext context) => context.CreateScope("object").Add("contentType", ContentType.MediaType);

    /// <summary>A message and its envelope as they were sent.</summary>
    private abstract class Sent
    {
        public abstract object Message { get; }

        public abstract SerializerContext Open();
    }

    private sealed class Sent<T>(JsonMessageEnvelope envelope, T message) : Sent
        where T : class
    {
        public override object Message => message;

        public override SerializerContext Open() => new MediatorSerializationContext<T>(
            SystemTextJsonMessageSerializer.Instance, new EnvelopeMessageContext(envelope, SystemTextJsonMessageSerializer.Instance), message, envelope.MessageType ?? []);
    }

    /// <summary>What stands for a message in the transport, made when the envelope is complete.</summary>
    private sealed class Body<T>(SendContext<T> context, ConditionalWeakTable<byte[], Sent> sent) : MessageBody
        where T : class
    {
        private byte[]? _bytes;

        public long? Length => 1;

        public Stream GetStream() => new MemoryStream(GetBytes(), writable: false);

        public byte[] GetBytes()
        {
            if (_bytes is null)
            {
                _bytes = new byte[1];
                sent.Add(_bytes, new Sent<T>(new JsonMessageEnvelope(context, context.Message), context.Message));
            }

            return _bytes;
        }

        public string GetString() => Encoding.UTF8.GetString(GetBytes());
    }
}
