using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using TaggingPipeline.ExampleSubscriber;

// Receives changes from RabbitMQ with MassTransit and appends each to a file, once:
//   dotnet run -- rabbitmq://USER:PASSWORD@HOST:PORT/VHOST subscriber.crm changes.jsonl 'segment.#' 'tag.value-tier.*'
if (args is not [var address, var queue, var path, _, ..])
{
    Console.Error.WriteLine("usage: ExampleSubscriber ADDRESS QUEUE FILE PATTERN...");
    return 2;
}

var patterns = args[3..];
var uri = new Uri(address);
var builder = Host.CreateApplicationBuilder();
builder.Services.AddSingleton(new ChangeFile(path));
builder.Services.AddMassTransit(bus =>
{
    bus.AddConsumer<ChangeConsumer>();
    bus.UsingRabbitMq((context, rabbit) =>
    {
        rabbit.Host(uri.Host, (ushort)uri.Port, Uri.UnescapeDataString(uri.AbsolutePath[1..]), host =>
        {
            var user = uri.UserInfo.Split(':');
            host.Username(Uri.UnescapeDataString(user[0]));
            host.Password(Uri.UnescapeDataString(user[1]));
        });
        rabbit.ReceiveEndpoint(queue, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false; // what comes is bound below, and not by the type's name
            foreach (var pattern in patterns)
            {
                endpoint.Bind("tagging.changes", exchange =>
                {
                    exchange.ExchangeType = ExchangeType.Topic;
                    exchange.RoutingKey = pattern;
                });
            }

            endpoint.SetQuorumQueue();
            endpoint.SetQueueArgument("x-delivery-limit", 1_000_000); // RabbitMQ 4 drops what came back twenty times, unless it is told otherwise
            endpoint.PrefetchCount = 100;
            endpoint.ConcurrentMessageLimit = 1; // in the order of the queue
            endpoint.UseRawJsonDeserializer(RawSerializerOptions.AnyMessageType, isDefault: true); // CloudEvents, and no envelope of MassTransit's
            endpoint.UseMessageRetry(retry => retry.Intervals(100, 1000, 10_000));
            endpoint.ConfigureConsumer<ChangeConsumer>(context);
        });
    });
});
await builder.Build().RunAsync();
return 0;
