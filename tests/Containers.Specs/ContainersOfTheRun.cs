using DotNet.Testcontainers.Builders;
using TaggingPipeline.Storage.Specs.MongoDb;
using Testcontainers.MongoDb;
using Testcontainers.RabbitMq;

namespace TaggingPipeline;

/// <summary>Starts a MongoDB replica set of one and a RabbitMQ broker for all tests of this assembly. Without Docker none of them is run.</summary>
/// <remarks>In this namespace, since it is for the namespaces of all tests.</remarks>
[SetUpFixture]
public sealed class ContainersOfTheRun
{
    private const string User = "tagging";
    private const string Password = "tagging";

    private static readonly TimeSpan StartsWithin = TimeSpan.FromMinutes(5);

    private MongoDbContainer? _mongoDb;
    private RabbitMqContainer? _rabbitMq;

    /// <summary>The broker, as the setting <c>Bus</c> names it.</summary>
    public static string Bus { get; private set; } = "";

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        try
        {
            _mongoDb = new MongoDbBuilder("mongo:8.0").WithUsername("").WithPassword("").WithReplicaSet().Build();
            _rabbitMq = new RabbitMqBuilder("rabbitmq:4.1").WithUsername(User).WithPassword(Password).Build();
        }
        catch (DockerUnavailableException unavailable)
        {
            Assert.Ignore($"There is no Docker: {unavailable.Message}");
        }

        using var patience = new CancellationTokenSource(StartsWithin);
        await Task.WhenAll(_mongoDb!.StartAsync(patience.Token), _rabbitMq!.StartAsync(patience.Token));
        Environment.SetEnvironmentVariable(MongoStore.Variable, _mongoDb.GetConnectionString());
        Bus = $"rabbitmq://{User}:{Password}@{_rabbitMq.Hostname}:{_rabbitMq.GetMappedPublicPort(RabbitMqBuilder.RabbitMqPort)}/";
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_rabbitMq is not null)
            await _rabbitMq.DisposeAsync();
        if (_mongoDb is not null)
            await _mongoDb.DisposeAsync();
    }
}
