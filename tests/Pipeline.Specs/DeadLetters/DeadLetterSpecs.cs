using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Bus;
using TaggingPipeline.Pipeline.Specs.Exchange;
using TaggingPipeline.Pipeline.Specs.Processes;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Pipeline.Specs.DeadLetters;

/// <summary>Messages that a consumer could not process, on any bus.</summary>
public abstract class DeadLetterSpecs
{
    private protected const string Reason = "System.NotSupportedException";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private protected TemporaryFolder Folder { get; private set; } = null!;

    private protected ExchangeHost Host { get; private set; } = null!;

    private protected Mood Mood { get; private set; } = null!;

    private protected string Bus { get; private set; } = "";

    [SetUp]
    public async Task StartAsync()
    {
        Folder = new();
        Bus = await AddressAsync();
        await StartHostAsync();
    }

    [TearDown]
    public async Task StopAsync()
    {
        await Host.DisposeAsync();
        Folder.Dispose();
    }

    [Test]
    public async Task They_are_listed_with_reason_and_count_and_can_be_read()
    {
        await FailAsync("a");
        await FailAsync("b");

        var groups = await GroupsAsync();
        Assert.That(groups.Select(group => (group.GetProperty("queue").GetString(), group.GetProperty("reason").GetString(), group.GetProperty("count").GetInt64())),
            Is.EqualTo(new[] { (QueueNames.Events, Reason, 2L) }));
        var letters = await LettersAsync();
        Assert.That(letters.Select(letter => letter.GetProperty("detail").GetString()), Is.EquivalentTo(new[] { "a is not for today", "b is not for today" }));
        var (_, one) = await Host.AskAsync(HttpMethod.Get, $"/api/dead-letters/{letters[0].GetProperty("id").GetString()}");
        var batch = JsonSerializer.Deserialize<EventBatch>(one.GetProperty("body").GetString()!, JsonSerializerOptions.Web)!;
        Assert.That($"{batch.Events.Single().EventId} is not for today", Is.EqualTo(one.GetProperty("detail").GetString()));
        Assert.That(await LettersAsync("?queue=tagging-rejections"), Is.Empty);
        Assert.That(await LettersAsync($"?reason={Reason}&queue={QueueNames.Events}"), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task They_outlast_the_process()
    {
        await FailAsync("a");

        await Host.DisposeAsync();
        await StartHostAsync();

        Assert.That(await LettersAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task One_that_is_redriven_is_processed_and_gone()
    {
        await FailAsync("a");
        await FailAsync("b");
        var letter = (await LettersAsync()).First(each => each.GetProperty("detail").GetString()!.StartsWith('a')).GetProperty("id").GetString();
        Mood.Fails = false;

        var (status, answer) = await Host.AskAsync(HttpMethod.Post, $"/api/dead-letters/{letter}/redrive");

        Assert.That((status, answer.GetRawText()), Is.EqualTo((200, """{"redriven":1}""")));
        await Eventually.HoldsAsync("it is processed", Patience, () => Task.FromResult(Mood.Taken.SequenceEqual(["a"])));
        Assert.That((await LettersAsync()).Select(each => each.GetProperty("detail").GetString()), Is.EqualTo(new[] { "b is not for today" }));
        Assert.That((await Host.AskAsync(HttpMethod.Post, $"/api/dead-letters/{letter}/redrive")).Status, Is.EqualTo(404));
    }

    [Test]
    public async Task All_of_a_queue_are_redriven()
    {
        foreach (var id in new[] { "a", "b", "c" })
            await FailAsync(id);
        Mood.Fails = false;

        Assert.That((await Host.AskAsync(HttpMethod.Post, "/api/dead-letters/redrive?reason=another")).Body.GetRawText(), Is.EqualTo("""{"redriven":0}"""));
        Assert.That((await Host.AskAsync(HttpMethod.Post, $"/api/dead-letters/redrive?queue={QueueNames.Events}")).Body.GetRawText(), Is.EqualTo("""{"redriven":3}"""));

        await Eventually.HoldsAsync("they are processed", Patience, () => Task.FromResult(Mood.Taken.Order().SequenceEqual(["a", "b", "c"])));
        Assert.That(await GroupsAsync(), Is.Empty);
    }

    [Test]
    public async Task They_are_discarded_one_by_one_or_by_reason_and_never_by_a_slip()
    {
        foreach (var id in new[] { "a", "b", "c" })
            await FailAsync(id);
        var letter = (await LettersAsync())[0].GetProperty("id").GetString();

        Assert.That((await Host.AskAsync(HttpMethod.Delete, "/api/dead-letters")).Status, Is.EqualTo(400));
        Assert.That((await Host.AskAsync(HttpMethod.Post, "/api/dead-letters/redrive")).Body.GetProperty("parameter").GetString(), Is.EqualTo("queue"));
        Assert.That((await Host.AskAsync(HttpMethod.Delete, $"/api/dead-letters/{letter}")).Status, Is.EqualTo(204));
        Assert.That((await Host.AskAsync(HttpMethod.Delete, $"/api/dead-letters/{letter}")).Status, Is.EqualTo(404));
        Assert.That((await Host.AskAsync(HttpMethod.Delete, $"/api/dead-letters?reason={Reason}")).Body.GetRawText(), Is.EqualTo("""{"discarded":2}"""));
        Assert.That(await LettersAsync(), Is.Empty);
        Assert.That(Mood.Taken, Is.Empty);
    }

    private protected abstract Task<string> AddressAsync();

    private protected Task SendAsync(string id) =>
        Host.Services.GetRequiredService<ISafeSender>().SendAsync(QueueNames.Events, Messages.Batch(id), CancellationToken.None);

    /// <summary>Sends a message, and returns when it is among the letters.</summary>
    private protected async Task FailAsync(string id)
    {
        var before = (await LettersAsync()).Count;
        try
        {
            await SendAsync(id);
        }
        catch (RequestFaultException)
        {
            // in memory whoever sends is told
        }

        await Eventually.HoldsAsync("one more is among the letters", Patience, async () => (await LettersAsync()).Count == before + 1);
    }

    private protected async Task<List<JsonElement>> LettersAsync(string query = "") =>
        [.. (await Host.AskAsync(HttpMethod.Get, $"/api/dead-letters{query}")).Body.GetProperty("items").EnumerateArray()];

    private protected async Task<List<JsonElement>> GroupsAsync() => [.. (await Host.AskAsync(HttpMethod.Get, "/api/dead-letters/groups")).Body.GetProperty("items").EnumerateArray()];

    private protected async Task StartHostAsync()
    {
        Mood = new();
        Host = await ExchangeHost.StartAsync(Bus, Folder["store.db"], services => services.AddSingleton(Mood), bus => bus.AddQueueConsumer<MoodyConsumer, MoodyConsumerDefinition>());
    }
}
