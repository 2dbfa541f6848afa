using TaggingPipeline.Processing.Exchange;

namespace TaggingPipeline.Storage.Specs.Suites;

/// <summary>Which queues were declared.</summary>
public abstract class SubscriberQueuesSuite<TStore> : StoreSuite<TStore>
    where TStore : TestStore, new()
{
    [Test]
    public async Task Queues_are_kept_with_their_bindings_by_name()
    {
        QueueDeclaration mail = new("subscriber.mail", ["segment.#", "tag.value-tier.*"]), crm = new("subscriber.crm", ["#"]);
        await Queues.SaveAsync(mail, None);
        await Queues.SaveAsync(crm, None);

        Assert.That(await AnotherProcess().Queues.ListAsync(None), Is.EqualTo(new[] { crm, mail }));
    }

    [Test]
    public async Task A_queue_that_is_saved_again_has_its_last_bindings()
    {
        await Queues.SaveAsync(new("subscriber.crm", ["#"]), None);
        await Queues.SaveAsync(new("subscriber.crm", ["segment.*.entered", "segment.*.exited"]), None);

        Assert.That(await Queues.ListAsync(None), Is.EqualTo(new[] { new QueueDeclaration("subscriber.crm", ["segment.*.entered", "segment.*.exited"]) }));
    }

    [Test]
    public async Task A_queue_that_is_removed_is_gone()
    {
        await Queues.SaveAsync(new("subscriber.crm", ["#"]), None);

        Assert.That(await Queues.RemoveAsync("subscriber.crm", None), Is.True);
        Assert.That(await Queues.RemoveAsync("subscriber.crm", None), Is.False);
        Assert.That(await Queues.ListAsync(None), Is.Empty);
    }
}
