using TaggingPipeline.ServiceDefaults.Bus;

namespace TaggingPipeline.Pipeline.Specs.Bus;

[TestFixture]
public sealed class When_the_bus_is_named_by_a_setting
{
    [Test]
    public void Memory_stays_within_the_process() => Assert.That(BusAddress.Parse("memory"), Is.EqualTo(new BusAddress.Memory()));

    [TestCase("rabbitmq://shop:secret@broker:5673/orders", "broker", 5673, "orders", "shop", "secret")]
    [TestCase("rabbitmq://shop:secret@broker", "broker", 5672, "/", "shop", "secret")]
    [TestCase("rabbitmq://shop:secret@broker/", "broker", 5672, "/", "shop", "secret")]
    [TestCase("rabbitmq://shop:secret@broker/%2F", "broker", 5672, "/", "shop", "secret")]
    [TestCase("rabbitmq://a%40b:p%3A%2F%23%25@127.0.0.1:1/a%2Fb", "127.0.0.1", 1, "a/b", "a@b", "p:/#%")]
    public void A_broker_is_read_part_by_part(string text, string host, int port, string virtualHost, string user, string password) =>
        Assert.That(BusAddress.Parse(text), Is.EqualTo(new BusAddress.RabbitMq(host, (ushort)port, virtualHost, user, password)));

    [TestCase("")]
    [TestCase(null)]
    [TestCase("kafka://somewhere")]
    [TestCase("rabbitmq://broker/orders")]
    [TestCase("rabbitmq://shop@broker/orders")]
    [TestCase("rabbitmq://shop:secret@broker:0/orders")]
    [TestCase("rabbitmq://shop:secret@broker:99999/orders")]
    [TestCase("rabbitmq://shop:secret@broker/orders/more")]
    [TestCase("rabbitmq://shop:secret@broker/orders?heartbeat=5")]
    [TestCase("rabbitmq://shop:se#cret@broker/orders")]
    [TestCase("rabbitmq://")]
    public void Anything_else_is_refused_without_the_password(string? text)
    {
        Assert.That(BusAddress.TryParse(text, out _, out var error), Is.False);
        Assert.That(error, Is.Not.Empty.And.Not.Contains("secret"));
    }

    [Test]
    public void Its_text_leaves_out_the_password() =>
        Assert.That(BusAddress.Parse("rabbitmq://shop:secret@broker/%2F").ToString(), Is.EqualTo("rabbitmq://shop@broker:5672/%2F"));
}
