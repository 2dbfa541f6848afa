using Microsoft.Extensions.DependencyInjection;
using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Projection;
using TaggingPipeline.Processing.Evaluation;
using TaggingPipeline.RuleEvaluation;
using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Pipeline.Specs.Evaluation;

[TestFixture]
public sealed class When_changes_are_more_than_a_message_takes
{
    [Test]
    public async Task Each_customer_is_told_of_once_in_messages_that_are_small_enough()
    {
        var sender = new NarrowSender(mostCustomers: 3);

        await SinkOf(sender).PublishAsync(Customers(250), CancellationToken.None);

        Assert.That(sender.Told, Is.EquivalentTo(Customers(250).Select(customer => customer.CustomerId)));
    }

    [Test]
    public void A_customer_who_is_too_large_alone_is_told_to_the_caller()
    {
        Assert.That(async () => await SinkOf(new NarrowSender(mostCustomers: 0)).PublishAsync(Customers(4), CancellationToken.None),
            Throws.TypeOf<MessageRefusedException>());
    }

    private static TagsChanged[] Customers(int count) =>
        [.. Enumerable.Range(0, count).Select(number => new ToldCustomer($"customer-{number}").Tells(("vip", true)))];

    private static IChangeSink SinkOf(ISafeSender sender) =>
        new ServiceCollection().AddSingleton(sender).AddRuleEvaluation().BuildServiceProvider().GetRequiredService<IChangeSink>();

    /// <summary>Refuses messages that tell of more customers than it takes.</summary>
    private sealed class NarrowSender(int mostCustomers) : ISafeSender
    {
        private readonly Lock _gate = new();

        public List<string> Told { get; } = [];

        public Task SendAsync<T>(string queue, T message, CancellationToken cancellationToken)
            where T : class
        {
            var customers = ((TagsChangedBatch)(object)message).Customers;
            if (customers.Count > mostCustomers)
                return Task.FromException(new MessageRefusedException(queue, "as the test wants") { IsTooLarge = true });
            lock (_gate)
                Told.AddRange(customers.Select(customer => customer.CustomerId));
            return Task.CompletedTask;
        }
    }
}
