using NodaTime;
using TaggingPipeline.ServiceDefaults.Settings;
using TaggingPipeline.ServiceDefaults.Stores;

namespace TaggingPipeline.Pipeline.Specs.Processes;

[TestFixture, NonParallelizable]
public sealed class When_settings_are_read
{
    private readonly TemporaryFolder _folder = new();
    private Dictionary<string, string?> _given = null!;

    [SetUp]
    public void GiveNothingButAFile() => _given = new() { ["Rulebook"] = _folder.Write("rulebook.yaml", "") };

    [OneTimeTearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public void None_must_be_given()
    {
        _given.Clear();

        var reading = Read();

        Assert.That(reading.Problems, Is.Empty);
        var settings = reading.Settings!;
        Assert.That(settings.Store, Is.EqualTo("sqlite:data/tagging.db"));
        Assert.That(settings.Addresses().Select(address => address.Text), Is.EqualTo(["http://127.0.0.1:8080"]));
        Assert.That(settings.UsesDevelopmentKeys(), Is.True);
        Assert.That(settings.StandingAt(), Is.Null);
    }

    [TestCase("Store", "postgres:x", "Setting Store (--store, TAGGING_STORE): 'postgres:x' is not a store. Valid: sqlite:PATH")]
    [TestCase("Store", "sqlite:", "Setting Store (--store, TAGGING_STORE): 'sqlite:' is not a store. Valid: sqlite:PATH")]
    [TestCase("Store", "", "Setting Store (--store, TAGGING_STORE): is missing. Valid: sqlite:PATH")]
    [TestCase("Bus", "kafka", "Setting Bus (--bus, TAGGING_BUS): it begins with neither. Valid: memory, or rabbitmq://")]
    [TestCase("Bus", "rabbitmq://localhost", "Setting Bus (--bus, TAGGING_BUS): it must name a user and a password. Valid: memory, or rabbitmq://")]
    [TestCase("AsOf", "yesterday", "Setting AsOf (--as-of, TAGGING_ASOF): 'yesterday' is not an instant in UTC. Valid: an instant, such as 1997-09-30T23:59:59Z")]
    [TestCase("Urls", "localhost:80", "Setting Urls (--urls, TAGGING_URLS): 'localhost:80' is not an address to listen on. Valid: http://HOST:PORT")]
    [TestCase("Urls", "http://127.0.0.1:99999", "Setting Urls (--urls, TAGGING_URLS): 'http://127.0.0.1:99999' is not an address to listen on.")]
    [TestCase("WriteKeys", " , ", "Setting WriteKeys (TAGGING_WRITEKEYS): names no key. Valid: one or more keys")]
    [TestCase("EventsPerSecond", "-1", "Setting EventsPerSecond (TAGGING_EVENTSPERSECOND): '-1' is out of bounds. Valid: a whole number from 0")]
    [TestCase("EventsPerSecond", "many", "Setting EventsPerSecond (TAGGING_EVENTSPERSECOND): 'many' is not a whole number. Valid: a whole number")]
    [TestCase("WebhooksMayReach", "10.0.0.0/8, lan", "Setting WebhooksMayReach (TAGGING_WEBHOOKSMAYREACH): 'lan' is not a range of addresses. Valid: ranges")]
    public void A_wrong_one_is_named_in_full_with_what_is_valid(string name, string value, string problem)
    {
        _given[name] = value;

        Assert.That(Read().Problems, Has.Exactly(1).StartsWith(problem));
    }

    [Test]
    public void All_wrong_ones_are_named_at_once()
    {
        (_given["Store"], _given["AsOf"], _given["Urls"]) = ("x", "y", "z");

        Assert.That(Read().Problems, Has.Length.EqualTo(3));
    }

    [TestCase("http://127.0.0.1:8080", true)]
    [TestCase("http://127.9.8.7:8080", true)]
    [TestCase("http://localhost:8080", true)]
    [TestCase("http://[::1]:8080", true)]
    [TestCase("http://0.0.0.0:8080", false)]
    [TestCase("http://[::]:8080", false)]
    [TestCase("http://*:8080", false)]
    [TestCase("http://+:8080", false)]
    [TestCase("http://192.168.1.1:8080", false)]
    [TestCase("http://localhost.example:8080", false)]
    [TestCase("http://127.0.0.1:8080;http://0.0.0.0:8081", false)]
    public void Development_keys_are_good_on_this_machine_only(string urls, bool accepted)
    {
        _given["Urls"] = urls;

        Assert.That(Read().Problems, accepted ? Is.Empty : Has.Exactly(1).Contains("development keys"));
    }

    [TestCase("own-key", "dev-api-key", false)]
    [TestCase("dev-write-key,own-key", "own-key", false)]
    [TestCase("own-key", "other-own-key", true)]
    public void Elsewhere_every_key_must_be_ones_own(string writeKeys, string apiKeys, bool accepted)
    {
        (_given["Urls"], _given["WriteKeys"], _given["ApiKeys"]) = ("http://0.0.0.0:8080", writeKeys, apiKeys);

        Assert.That(Read().Problems.IsEmpty, Is.EqualTo(accepted));
    }

    [Test]
    public void An_instant_stops_the_clock()
    {
        _given["AsOf"] = "1997-09-30T23:59:59.999Z";

        Assert.That(Read().Settings!.StandingAt(), Is.EqualTo(Instant.FromUtc(1997, 9, 30, 23, 59, 59) + Duration.FromMilliseconds(999)));
    }

    [Test]
    public void Whether_there_is_a_rulebook_file_matters_only_where_none_was_published()
    {
        _given["Rulebook"] = "/no/such.yaml";

        Assert.That(Read().Problems, Is.Empty);
    }

    [TestCase("k-1,k-2")]
    [TestCase("k-1,k-2\n")]
    [TestCase("k-1,k-2\r\n")]
    public void A_secret_may_come_from_a_file(string content)
    {
        using var _ = new Variable("TAGGING_WRITEKEYS_FILE", _folder.Write("write-keys", content));

        Assert.That(Read().Settings!.WriteKeyList(), Is.EqualTo(new[] { "k-1", "k-2" }));
    }

    [Test]
    public void A_file_that_cannot_be_read_is_named()
    {
        using var _ = new Variable("TAGGING_WRITEKEYS_FILE", _folder["no-such-file"]);

        Assert.That(Read().Problems, Has.Exactly(1).StartsWith("TAGGING_WRITEKEYS_FILE names a file that cannot be read: ").And.Exactly(1).Contains("no-such-file"));
    }

    [Test]
    public void A_value_and_a_file_at_once_are_refused()
    {
        using var value = new Variable("TAGGING_APIKEYS", "one");
        using var file = new Variable("TAGGING_APIKEYS_FILE", _folder.Write("api-keys", "other"));

        Assert.That(Read().Problems, Has.Exactly(1).StartsWith("Both TAGGING_APIKEYS and TAGGING_APIKEYS_FILE are given."));
    }

    [TestCase("mongodb://shop:secret@one:27017,two:27017/tags?replicaSet=rs0", "mongodb://one:27017,two:27017/tags?replicaSet=rs0")]
    [TestCase("mongodb://localhost", "mongodb://localhost")]
    [TestCase("sqlite:data/a@b.db", "sqlite:data/a@b.db")]
    public void A_store_is_shown_without_its_password(string store, string shown)
    {
        if (!StoreAddress.TryParse(store, out var address, out var problem))
            Assert.Ignore(problem);

        Assert.That(address!.ToString(), Is.EqualTo(shown));
    }

    [TestCase("mongodb://shop:secret@host:not-a-port/")]
    [TestCase("MongoDB://shop:secret@host/")]
    [TestCase("mongodb:/shop:secret@host/")]
    public void A_wrong_address_of_a_store_is_not_repeated(string store)
    {
        _given["Store"] = store;

        Assert.That(Read().Problems, Has.Exactly(1).StartsWith("Setting Store (--store, TAGGING_STORE): ").And.None.Contains("secret"));
    }

    [Test]
    public void An_option_that_is_no_setting_is_refused()
    {
        _given["Sotre"] = "sqlite:x";

        Assert.That(Read().Problems, Has.Exactly(1).StartsWith("There is no setting Sotre. Settings: Store (--store, TAGGING_STORE), Bus"));
    }

    /// <summary>An environment variable of this process, taken away again.</summary>
    private sealed class Variable : IDisposable
    {
        private readonly string _name;

        public Variable(string name, string value)
        {
            _name = name;
            Environment.SetEnvironmentVariable(name, value);
        }

        public void Dispose() => Environment.SetEnvironmentVariable(_name, null);
    }

    private SettingsReading Read(bool withCustomers = true) => SettingsReading.Of(_given, withCustomers);
}
