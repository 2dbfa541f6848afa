using System.Globalization;
using CsvHelper;
using TaggingPipeline.CommandLine.Files;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

public sealed class WhenRealPurchasesAreEvaluated
{
    /// <summary>The tag and the column of expected.csv for each figure about clean lines.</summary>
    private static readonly (string Key, string Column)[] GiftShopFigures =
    [
        ("lines", "lines"), ("invoices", "invoices"), ("purchase-days", "purchase_days"), ("products", "distinct_skus"), ("units", "units"),
        ("monetary", "monetary"), ("recency-calendar-days", "recency_days_datediff"), ("recency-elapsed-days", "recency_days_floor_elapsed"),
    ];

    /// <summary>Evaluated once for all tests that look at it.</summary>
    private static Dictionary<string, Dictionary<string, string>>? _giftShop;

    private CommandRun _run = null!;

    [SetUp]
    public void Start() => _run = new();

    [TearDown]
    public void Stop() => _run.Dispose();

    [Test]
    public async Task Cdnow_gives_the_six_published_figures_for_every_customer()
    {
        var tags = await EvaluateAsync("cdnow/CDNOW_sample.txt", "cdnow", "1997-09-30T23:59:59.999Z");
        var expected = ReadCsv(RealData.Path("cdnow/expected_sample_1997-09-30.csv"));

        Assert.That(expected, Has.Count.EqualTo(2357));
        Assert.That(tags, Has.Count.EqualTo(2357));
        Assert.Multiple(() =>
        {
            foreach (var row in expected)
            {
                var found = tags[int.Parse(row["customer_id"], CultureInfo.InvariantCulture).ToString("0000", CultureInfo.InvariantCulture)];
                var published = new[]
                {
                    Number(row["frequency_repeat"]), Number(row["recency_days_first_to_last"]), Number(row["T_days"]), Number(row["days_since_last"]),
                    Number(row["monetary_total"]), Math.Round(Number(row["monetary_mean_repeat_day"]), 6),
                };
                var computed = new[]
                {
                    Number(found["repeat_days"]), Number(found["first_to_last_days"]), Number(found["t_days"]), Number(found["days_since_last"]),
                    Number(found["monetary_total"]), Math.Round(Number(found["monetary_mean_repeat_day"]), 6),
                };
                Assert.That(computed, Is.EqualTo(published), $"customer {row["customer_id"]}");
            }
        });
    }

    [Test]
    public async Task Clean_lines_of_the_gift_shop_give_the_expected_figures_exactly()
    {
        var tags = _giftShop ??= await EvaluateAsync("online-retail/lines.csv.gz", "online-retail", "2011-12-10T00:00:00Z");
        var expected = ReadCsv(RealData.Path("online-retail/expected.csv"));

        Assert.That(expected, Has.Count.EqualTo(433));
        Assert.Multiple(() =>
        {
            foreach (var row in expected)
            {
                var found = tags[row["customer_id"]];
                foreach (var (key, column) in GiftShopFigures)
                    Assert.That(Number(found[key]), Is.EqualTo(Number(row[column])), $"{key} of customer {row["customer_id"]}");
                Assert.That(found["first-purchase"], Is.EqualTo(AsUtc(row["first_ts"])), $"customer {row["customer_id"]}");
                Assert.That(found["last-purchase"], Is.EqualTo(AsUtc(row["last_ts"])), $"customer {row["customer_id"]}");
            }
        });
    }

    [Test]
    public async Task Cancellations_of_the_gift_shop_lower_value_and_frequency()
    {
        var tags = _giftShop ??= await EvaluateAsync("online-retail/lines.csv.gz", "online-retail", "2011-12-10T00:00:00Z");
        var lines = ReadCsv(RealData.Path("online-retail/lines.csv.gz"));
        var customers = lines.GroupBy(line => line["CustomerID"]).ToArray();

        Assert.That(customers, Has.Length.EqualTo(437));
        Assert.Multiple(() =>
        {
            foreach (var customer in customers)
            {
                var (count, value) = (0, 0m);
                foreach (var line in customer)
                {
                    // Cancelled lines have quantities below zero.
                    value += Number(line["Quantity"]) * Number(line["UnitPrice"]);
                    count += line["InvoiceNo"].StartsWith('C') ? -1 : 1;
                }

                // A count is never below nothing, also where the purchases that were cancelled lie before the file begins; money is.
                count = Math.Max(0, count);
                var found = tags[customer.Key];
                Assert.That((Number(found["net-lines"]), Number(found["net-value"])), Is.EqualTo(((decimal)count, value)), $"customer {customer.Key}");
            }
        });
    }

    [Test]
    public async Task Orders_of_the_rfm_file_are_read_with_their_mapping()
    {
        var rules = _run.Write("rfm.yaml", """
            rulebook: rfm
            tags:
              - { key: orders, category: behaviour, value: count(purchase) }
              - { key: revenue, category: value, value: sum(purchase.total) }
            """);
        var tags = await EvaluateAsync("rfm/rfm_data_orders_min.csv", "rfm", "2006-12-31T00:00:00Z", rules);

        Assert.Multiple(() =>
        {
            Assert.That(tags, Has.Count.EqualTo(995));
            Assert.That(tags.Values.Sum(held => Number(held["orders"])), Is.EqualTo(4906));
        });
    }

    [Test]
    public async Task Rfm_by_rulebook_gives_the_published_scores_and_segments_for_every_customer()
    {
        var tags = await EvaluateAsync("rfm/rfm_data_orders_min.csv", "rfm", "2006-12-31T00:00:00Z");
        var expected = ReadCsv(RealData.Path("rfm/expected_orders_rfm_segments_readme.csv"));

        Assert.That(expected, Has.Count.EqualTo(995));
        Assert.That(tags, Has.Count.EqualTo(995));
        Assert.Multiple(() =>
        {
            foreach (var row in expected)
            {
                var found = tags[row["customer_id"]];
                Assert.That((found["recency"], found["frequency"], found["monetary"], found["rfm"], found["segment"]),
                    Is.EqualTo((row["recency_score"], row["frequency_score"], row["monetary_score"], row["rfm_score"], row["segment"])), row["customer_id"]);
            }
        });
    }

    /// <summary>The tags' values by customer and key.</summary>
    private async Task<Dictionary<string, Dictionary<string, string>>> EvaluateAsync(string data, string example, string asOf, string? rulebook = null)
    {
        var begun = TimeProvider.System.GetTimestamp();
        var ending = await _run.RunAsync(
            "evaluate", RealData.Path(data), "--map", RealData.Example($"{example}.map.yaml"), "--rulebook", rulebook ?? RealData.Example($"{example}.yaml"),
            "--as-of", asOf, "--strict");
        TestContext.Out.WriteLine($"{data}: {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0.0} s");
        Assert.That(ending.ExitCode, Is.Zero, ending.Error);

        using var output = new StringReader(ending.Output);
        return ReadCsv(output).GroupBy(row => row["customer"]).ToDictionary(rows => rows.Key, rows => rows.ToDictionary(row => row["tag"], row => row["value"]));
    }

    private static List<Dictionary<string, string>> ReadCsv(string path)
    {
        using var file = InputFile.Open(path);
        using var text = new StreamReader(file.Content);
        return ReadCsv(text);
    }

    private static List<Dictionary<string, string>> ReadCsv(TextReader text)
    {
        using var csv = new CsvReader(text, CultureInfo.InvariantCulture, leaveOpen: true);
        csv.Read();
        csv.ReadHeader();
        var rows = new List<Dictionary<string, string>>();
        while (csv.Read())
            rows.Add(csv.HeaderRecord!.ToDictionary(name => name, name => csv.GetField(name)!));
        return rows;
    }

    private static decimal Number(string text) => decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static string AsUtc(string local) => $"{local.Replace(' ', 'T')}Z";
}
