using System.Globalization;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

public sealed class WhenAFileIsImported
{
    private const string Map = """
        customer: "{who}"
        time: "{at}"
        skip: [{ when: { column: who, is: test }, reason: a test account }]
        events: [{ name: Order Completed, properties: { total: { number: amount } } }]
        """;

    private CommandRun _run = null!;
    private ImportStub _server = null!;
    private string _file = null!;
    private string _map = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _run = new();
        _server = await ImportStub.StartAsync();
        _file = _run.Write("orders.csv", Orders(100));
        _map = _run.Write("orders.map.yaml", Map);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _server.DisposeAsync();
        _run.Dispose();
    }

    [Test]
    public async Task Its_events_arrive_in_batches_and_are_counted()
    {
        var ending = await ImportAsync("--batch", "30");

        Assert.Multiple(() =>
        {
            Assert.That(ending.ExitCode, Is.Zero, ending.Error);
            Assert.That(ending.Output, Is.EqualTo("accepted   100\nduplicate  0\nrejected   0\n"));
            Assert.That(ending.Error, Is.Empty);
            Assert.That(_server.Requests, Is.EquivalentTo(new[] { 30, 30, 30, 10 }));
            Assert.That(_server.Events, Has.Count.EqualTo(100));
            Assert.That(_server.Authorization, Is.EqualTo("Bearer dev-api-key"));
            var first = _server.Events.Values.First();
            Assert.That(first.TryGetProperty("receivedAt", out _), Is.False, "the server says when it received an event");
            Assert.That(first.GetProperty("kind").GetString(), Is.EqualTo("purchase"));
        });
    }

    [Test]
    public async Task Progress_is_drawn_for_whoever_watches_and_results_stay_apart()
    {
        _run.IsWatched = true;
        _server.Answer = request => request == 1 ? 503 : 200;
        var ending = await ImportAsync("--batch", "10");

        Assert.Multiple(() =>
        {
            Assert.That(ending.ExitCode, Is.Zero, ending.Error);
            Assert.That(ending.Output, Is.EqualTo("accepted   100\nduplicate  0\nrejected   0\n"));
            Assert.That(ending.Error, Does.Contain("trying again"));
        });
    }

    [Test]
    public async Task Importing_it_twice_changes_nothing()
    {
        await ImportAsync();
        var again = await ImportAsync();

        Assert.Multiple(() =>
        {
            Assert.That(again.Output, Is.EqualTo("accepted   0\nduplicate  100\nrejected   0\n"));
            Assert.That(_server.Events, Has.Count.EqualTo(100));
        });
    }

    [Test]
    public async Task An_interrupted_import_continues_where_it_stopped()
    {
        _server.Answer = request => request <= 5 ? 200 : 400;
        var stopped = await ImportAsync("--batch", "10");
        var sent = _server.Requests.Count;
        _server.Answer = _ => 200;
        var continued = await ImportAsync("--batch", "10");

        Assert.Multiple(() =>
        {
            Assert.That(stopped.ExitCode, Is.EqualTo(1));
            Assert.That(stopped.Output, Is.Empty);
            Assert.That(stopped.Error, Does.Contain("400").And.Contain("stopped after line"));
            Assert.That(continued.ExitCode, Is.Zero, continued.Error);
            Assert.That(continued.Error, Does.Contain("continuing after line"));
            Assert.That(_server.Events, Has.Count.EqualTo(100));
            Assert.That(_server.Requests, Has.Count.LessThanOrEqualTo(sent + 10), "what was sent is not sent again, but for one batch");
        });
    }

    [Test]
    public async Task Ctrl_c_ends_it_cleanly_and_it_can_be_continued()
    {
        using var interrupt = new CancellationTokenSource();
        _server.Answer = request =>
        {
            if (request == 7)
                interrupt.Cancel();
            return 200;
        };
        var stopped = await _run.RunAsync(interrupt.Token, "import", _file, "--map", _map, "--url", _server.Url, "--batch", "10");
        var continued = await ImportAsync("--batch", "10");

        Assert.Multiple(() =>
        {
            Assert.That(stopped.ExitCode, Is.EqualTo(130));
            Assert.That(stopped.Error, Does.Contain("stopped"));
            Assert.That(continued.ExitCode, Is.Zero, continued.Error);
            Assert.That(_server.Events, Has.Count.EqualTo(100));
        });
    }

    [Test]
    public async Task A_server_that_lost_what_was_sent_gets_everything_again()
    {
        _server.Answer = request => request <= 5 ? 200 : 400;
        await ImportAsync("--batch", "10");
        _server.Answer = _ => 200;
        _server.Events.Clear();
        var again = await ImportAsync("--batch", "10");

        Assert.Multiple(() =>
        {
            Assert.That(again.Error, Does.Contain("starting from the beginning"));
            Assert.That(_server.Events, Has.Count.EqualTo(100));
        });
    }

    [Test]
    public async Task A_changed_file_is_another_import()
    {
        _server.Answer = request => request <= 5 ? 200 : 400;
        await ImportAsync("--batch", "10");
        _server.Answer = _ => 200;
        _run.Write("orders.csv", Orders(101));
        var other = await ImportAsync("--batch", "10");

        Assert.That(other.Error, Does.Not.Contain("continuing"));
    }

    [TestCase(429)]
    [TestCase(503)]
    [TestCase(0)]
    public async Task A_server_that_is_busy_or_away_for_a_moment_is_tried_again(int trouble)
    {
        _server.Answer = request => request % 2 == 1 ? trouble : 200;
        var ending = await ImportAsync();

        Assert.Multiple(() =>
        {
            Assert.That(ending.ExitCode, Is.Zero, ending.Error);
            Assert.That(ending.Error, Does.Contain("trying again").And.Contain("attempt 2 of 4"));
            Assert.That(_server.Events, Has.Count.EqualTo(100));
        });
    }

    [Test]
    public async Task A_server_that_stays_away_is_given_up()
    {
        _server.Answer = _ => 503;
        var ending = await ImportAsync();

        Assert.Multiple(() =>
        {
            Assert.That(ending.ExitCode, Is.EqualTo(1));
            Assert.That(ending.Error, Does.Contain("gave up after 4 attempts"));
            Assert.That(_server.Requests, Has.Count.EqualTo(4));
        });
    }

    [TestCase(401, "--api-key")]
    [TestCase(500, "answered 500")]
    public async Task A_refusal_is_told_and_not_repeated(int status, string told)
    {
        _server.Answer = _ => status;
        var ending = await ImportAsync("--api-key", "wrong");

        Assert.Multiple(() =>
        {
            Assert.That(ending.ExitCode, Is.EqualTo(1));
            Assert.That(ending.Error, Does.Contain(told).And.Contain("as the test asked for"));
            Assert.That(_server.Requests, Has.Count.EqualTo(1));
            Assert.That(_server.Authorization, Is.EqualTo("Bearer wrong"));
        });
    }

    [Test]
    public async Task Rejected_rows_are_told_by_line_and_stop_nothing()
    {
        _run.Write("orders.csv", "who,at,amount\nana,2024-05-01,1\nbo,never,1\ntest,2024-05-01,1\ncy,2024-05-01,1\n");
        _server.Reject = taken => taken.GetProperty("customerId").GetString() == "cy" ? "no more of cy" : null;
        var ending = await ImportAsync();
        var strict = await ImportAsync("--strict");

        Assert.Multiple(() =>
        {
            Assert.That(ending.ExitCode, Is.Zero);
            Assert.That(ending.Output, Is.EqualTo("accepted   1\nduplicate  0\nrejected   2\nskipped    1  (a test account)\n"));
            Assert.That(ending.Error, Is.EqualTo(
                $"{_file}:3: bad-row: the time `never` does not fit the pattern iso\n{_file}:5: unwanted: no more of cy\n"));
            Assert.That(strict.ExitCode, Is.EqualTo(1));
        });
    }

    [Test]
    public async Task A_file_without_a_usable_row_fails()
    {
        _run.Write("orders.csv", "who,at,amount\nbo,never,1\n");

        Assert.That((await ImportAsync()).ExitCode, Is.EqualTo(1));
    }

    [Test]
    public async Task Only_the_first_of_many_reasons_are_told()
    {
        _run.Write("orders.csv", "who,at,amount\n" + string.Concat(Enumerable.Repeat("bo,never,1\n", 500)));
        var ending = await ImportAsync();

        Assert.Multiple(() =>
        {
            Assert.That(ending.Error.Split('\n'), Has.Length.LessThan(20));
            Assert.That(ending.Error, Does.Contain("490 more rows were rejected"));
        });
    }

    private Task<Ending> ImportAsync(params string[] options) =>
        _run.RunAsync(["import", _file, "--map", _map, "--url", _server.Url, .. options]);

    private static string Orders(int count) => "who,at,amount\n" + string.Concat(Enumerable.Range(1, count).Select(
        number => string.Create(CultureInfo.InvariantCulture, $"customer-{number % 7},2024-05-01T10:{number / 60:00}:{number % 60:00}Z,{number}.50\n")));
}
