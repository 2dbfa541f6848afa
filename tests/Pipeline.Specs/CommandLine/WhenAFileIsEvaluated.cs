namespace TaggingPipeline.Pipeline.Specs.CommandLine;

public sealed class WhenAFileIsEvaluated
{
    private const string Map = """
        customer: "{who}"
        time: "{at}"
        id: "{id}"
        events: [{ name: Order Completed, properties: { total: { number: amount } } }]
        """;

    private const string Rules = """
        rulebook: shop
        tags:
          - { key: spent, category: value, value: sum(purchase.total) }
          - { key: active, category: behaviour, when: "exists(purchase, 30d)" }
          - { key: lapsed, category: behaviour, when: "exists(purchase) and none(purchase, 30d)" }
        """;

    private const string Orders = """
        id,who,at,amount
        1,b,2024-01-01,10.10
        2,10,2024-01-31T12:00:00Z,1
        3,9,2024-02-01,0.30
        1,b,2024-01-01,99
        4,b,2024-01-05,0.200
        5,b,2024-06-01,1000
        """;

    private CommandRun _run = null!;

    [SetUp]
    public void Start()
    {
        _run = new();
        _run.Write("orders.csv", Orders);
        _run.Write("map.yaml", Map);
        _run.Write("rules.yaml", Rules);
    }

    [TearDown]
    public void Stop() => _run.Dispose();

    [TestCase("2024-03-01T12:00:00Z", """
        10,kept,true,2024-01-31T12:00:00Z,2024-04-30T12:00:00Z
        9,kept,true,2024-02-01T00:00:00Z,2024-05-01T00:00:00Z
        b,kept,true,2024-01-01T00:00:00Z,2024-03-31T00:00:00Z

        """)]
    [TestCase("2024-06-02T00:00:00Z", """
        b,kept,true,2024-06-01T00:00:00Z,2024-08-30T00:00:00Z
        b,offer,true,2024-06-01T00:00:00Z,2024-06-04T00:00:00Z

        """)]
    public async Task Tags_that_depend_on_their_past_are_as_a_pipeline_without_delay_had_decided_them(string asOf, string rows)
    {
        _run.Write("rules.yaml", """
            rulebook: shop
            tags:
              - { key: kept, category: behaviour, hold: 90d, when: "exists(purchase, 10d)" }
              - { key: offer, category: behaviour, expires: 3d, when: "exists(purchase, 10d)" }
            """);

        Assert.That((await EvaluateAsync("--as-of", asOf)).Output, Is.EqualTo($"customer,tag,value,since,changes_at\n{rows}"));
    }

    [Test]
    public async Task Every_tag_held_is_a_row_with_the_instant_it_came_about()
    {
        var ending = await EvaluateAsync("--as-of", "2024-03-01T12:00:00Z");

        Assert.Multiple(() =>
        {
            Assert.That(ending.Output, Is.EqualTo("""
                customer,tag,value,since,changes_at
                10,spent,1,2024-01-31T12:00:00Z,
                10,lapsed,true,2024-03-01T12:00:00Z,
                9,spent,0.3,2024-02-01T00:00:00Z,
                9,active,true,2024-02-01T00:00:00Z,2024-03-02T00:00:00Z
                b,spent,10.3,2024-01-05T00:00:00Z,
                b,lapsed,true,2024-02-04T00:00:00Z,

                """));
            Assert.That(ending.Error, Is.Empty);
            Assert.That(ending.ExitCode, Is.Zero);
        });
    }

    [Test]
    public async Task Json_lines_keep_kinds_and_digits()
    {
        var ending = await EvaluateAsync("--as-of", "2024-02-01T00:00:00Z", "--format", "jsonl");

        Assert.That(ending.Output.Split('\n')[0], Is.EqualTo("""{"customer":"10","tag":"spent","value":1,"since":"2024-01-31T12:00:00Z","changes_at":null}"""));
    }

    [Test]
    public async Task Later_events_do_not_count()
    {
        var before = await EvaluateAsync("--as-of", "2024-05-31T23:59:59.999Z");
        var after = await EvaluateAsync("--as-of", "2024-06-01T00:00:00Z");

        Assert.Multiple(() =>
        {
            Assert.That(before.Output, Does.Contain("b,spent,10.3,"));
            Assert.That(after.Output, Does.Contain("b,spent,1010.3,"));
        });
    }

    [Test]
    public async Task Bad_rows_are_told_and_fail_only_when_strict()
    {
        _run.Write("orders.csv", Orders + "\n6,b,never,1\n");
        var ending = await EvaluateAsync("--as-of", "2024-02-01T00:00:00Z");
        var strict = await EvaluateAsync("--as-of", "2024-02-01T00:00:00Z", "--strict");

        Assert.Multiple(() =>
        {
            Assert.That(ending.Error, Does.Contain("orders.csv:8: bad-row: the time `never`"));
            Assert.That((ending.ExitCode, strict.ExitCode), Is.EqualTo((0, 1)));
            Assert.That(strict.Output, Is.EqualTo(ending.Output));
        });
    }

    [Test]
    public async Task A_rulebook_with_errors_is_refused_with_all_of_them()
    {
        _run.Write("rules.yaml", "rulebook: shop\ntags:\n  - { key: a, category: value, value: smu(purchase.total) }\n  - { key: b, category: behaviour, when: exists(purchse) }\n");
        var ending = await EvaluateAsync("--as-of", "2024-02-01T00:00:00Z");

        Assert.Multiple(() =>
        {
            Assert.That(ending.ExitCode, Is.EqualTo(1));
            Assert.That(ending.Output, Is.Empty);
            Assert.That(ending.Error, Does.Contain("rules.yaml:3:").And.Contain("did you mean `sum`?").And.Contain("rules.yaml:4:").And.Contain("did you mean `purchase`?"));
        });
    }

    private Task<Ending> EvaluateAsync(params string[] options) => _run.RunAsync([
        "evaluate", Path.Combine(_run.Folder, "orders.csv"), "--map", Path.Combine(_run.Folder, "map.yaml"),
        "--rulebook", Path.Combine(_run.Folder, "rules.yaml"), .. options]);
}
