using System.Text;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using RabbitMQ.Client;
using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Brokers;
using TaggingPipeline.Pipeline.Specs.CommandLine;
using TaggingPipeline.Pipeline.Specs.Exchange;
using TaggingPipeline.Pipeline.Specs.Processes;
using TaggingPipeline.Pipeline.Specs.Projection;
using TaggingPipeline.Processing.DeadLetters;

namespace TaggingPipeline.Pipeline.Specs.DeadLetters;

public sealed class WhenMessagesFailInMemory : DeadLetterSpecs
{
    private protected override Task<string> AddressAsync() => Task.FromResult("memory");

    [Test]
    public async Task Whoever_sent_it_is_told_and_a_redrive_that_fails_again_keeps_the_letter()
    {
        Assert.That(async () => await SendAsync("a"), Throws.InstanceOf<RequestFaultException>());
        var letter = (await LettersAsync()).Single().GetProperty("id").GetString();

        var (status, problem) = await Host.AskAsync(HttpMethod.Post, $"/api/dead-letters/{letter}/redrive");

        Assert.That(status, Is.EqualTo(503));
        Assert.That(problem.GetProperty("detail").GetString(), Does.StartWith("Redriven: 0.").And.Contain("a is not for today"));
        Assert.That((await LettersAsync()).Select(each => each.GetProperty("id").GetString()), Has.Member(letter));
    }

    [Test]
    public async Task One_that_no_queue_would_take_holds_up_no_other()
    {
        var unreadable = DeadLetter.Of(QueueNames.Events, Reason, "an older one", Instant.FromUnixTimeMilliseconds(1), "application/json", "no JSON"u8.ToArray());
        await Host.Services.GetRequiredService<IDeadLetters>().AddAsync(unreadable, CancellationToken.None);
        await FailAsync("a");
        Mood.Fails = false;

        var (status, problem) = await Host.AskAsync(HttpMethod.Post, $"/api/dead-letters/redrive?queue={QueueNames.Events}");

        Assert.That(status, Is.EqualTo(503));
        Assert.That(problem.GetProperty("detail").GetString(), Does.StartWith("Redriven: 1."));
        Assert.That(Mood.Taken, Is.EqualTo(new[] { "a" }));
        Assert.That((await LettersAsync()).Single().GetProperty("id").GetString(), Is.EqualTo(unreadable.Id));
    }

    [Test]
    public async Task The_command_lists_redrives_and_discards_them()
    {
        using var run = new CommandRun { Variables = { ["TAGGING_URL"] = Host.Url, ["TAGGING_API_KEY"] = QueryServer.Key } };
        await FailAsync("a");
        await FailAsync("b");

        var groups = await run.RunAsync("dead-letters", "list", "--format", "csv");
        Assert.That(groups.Output, Does.StartWith("queue,reason,count,firstAt,lastAt\ntagging-events,System.NotSupportedException,2,"));
        var each = await run.RunAsync("dead-letters", "list", "--each", "--queue", "tagging-events", "--format", "csv");
        var id = each.Output.Split('\n')[1].Split(',')[0];
        Assert.That((await run.RunAsync("dead-letters", "discard", id)).Output, Is.EqualTo("discard: 1\n"));
        Mood.Fails = false;
        Assert.That((await run.RunAsync("dead-letters", "redrive", "--reason", Reason)).Output, Is.EqualTo("redrive: 1\n"));
        Assert.That(Mood.Taken, Has.Count.EqualTo(1));
        var gone = await run.RunAsync("dead-letters", "redrive", id);
        Assert.That(gone.ExitCode, Is.EqualTo(1));
        Assert.That(gone.Error, Does.Contain($"there is no dead letter `{id}`"));
    }
}

[Category("RabbitMq")]
public sealed class WhenMessagesFailOnABroker : DeadLetterSpecs
{
    private RabbitMqServer _broker = null!;

    private static string VirtualHost => $"dead-{TestContext.CurrentContext.Test.ID}";

    private protected override async Task<string> AddressAsync()
    {
        _broker = await SharedBroker.GetAsync();
        return await _broker.CreateVirtualHostAsync(VirtualHost);
    }

    [Test]
    public async Task What_cannot_be_read_is_redriven_byte_by_byte_with_its_content_type()
    {
        await using var connection = await _broker.ConnectAsync(VirtualHost, CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync();
        await channel.BasicPublishAsync(
            QueueNames.Events, "", mandatory: false, new BasicProperties { ContentType = "application/json; odd=yes" }, Encoding.UTF8.GetBytes("{ not JSON 消息"));
        await Eventually.HoldsAsync("it is among the letters", TimeSpan.FromSeconds(60), async () => (await LettersAsync()).Count == 1);
        var first = (await LettersAsync()).Single();

        await Host.AskAsync(HttpMethod.Post, $"/api/dead-letters/redrive?queue={QueueNames.Events}");

        await Eventually.HoldsAsync("it failed again", TimeSpan.FromSeconds(60), async () =>
            await LettersAsync() is [var again] && again.GetProperty("id").GetString() != first.GetProperty("id").GetString());
        var (_, letter) = await Host.AskAsync(HttpMethod.Get, $"/api/dead-letters/{(await LettersAsync()).Single().GetProperty("id").GetString()}");
        Assert.That((letter.GetProperty("body").GetString(), letter.GetProperty("contentType").GetString()), Is.EqualTo(("{ not JSON 消息", "application/json; odd=yes")));
    }

    [Test]
    public async Task While_the_store_is_away_they_stay_in_the_error_queue()
    {
        await Host.DisposeAsync();
        var store = new LettersAway();
        await using (var away = await ExchangeHost.StartAsync(Bus, Folder["store.db"],
            services => services.AddSingleton<IDeadLetters>(store).AddSingleton(Mood), bus => bus.AddConsumer<MoodyConsumer, MoodyConsumerDefinition>()))
        {
            await away.Services.GetRequiredService<TaggingPipeline.ServiceDefaults.Bus.ISafeSender>().SendAsync(QueueNames.Events, Pipeline.Specs.Bus.Messages.Batch("a"), CancellationToken.None);
            await Eventually.HoldsAsync("keeping it was tried twice", TimeSpan.FromSeconds(60), () => Task.FromResult(store.Tries > 1));
        }

        await StartHostAsync();

        await Eventually.HoldsAsync("it is among the letters", TimeSpan.FromSeconds(60), async () => (await LettersAsync()).Count == 1);
    }

    /// <summary>A store that takes no letters.</summary>
    private sealed class LettersAway : IDeadLetters
    {
        public int Tries { get; private set; }

        public Task AddAsync(DeadLetter letter, CancellationToken cancellationToken)
        {
            Tries++;
            throw new IOException("as the test wants");
        }

        public Task<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterFilter filter, string? after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<DeadLetterGroup>> CountAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<DeadLetter?> FindAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> RemoveAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
