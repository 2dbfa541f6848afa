using System.Text;
using TaggingPipeline.CommandLine;

namespace TaggingPipeline.Pipeline.Specs.CommandLine;

public sealed class WhenAFileIsMapped
{
    private const string Orders = """
        customer: "{who}"
        time: "{at}"
        events:
          - name: Order Completed
            properties: { total: { number: amount }, note: "{note}" }
        """;

    [Test]
    public async Task Columns_become_an_event()
    {
        var rows = await MappedFile.RowsAsync("orders.csv", "who,at,amount,note\nana,2024-05-01T10:00:00Z,12.50,first\n", Orders);

        var only = rows.Single().Event!;
        Assert.Multiple(() =>
        {
            Assert.That(only.CustomerId, Is.EqualTo("ana"));
            Assert.That(only.Kind, Is.EqualTo("purchase"));
            Assert.That(only.Name, Is.EqualTo("Order Completed"));
            Assert.That(only.OccurredAt, Is.EqualTo(new DateTimeOffset(2024, 5, 1, 10, 0, 0, TimeSpan.Zero)));
            Assert.That(MappedFile.Properties(rows[0]), Is.EqualTo("""{"note":"first","total":12.5}"""));
        });
    }

    [TestCase("orders.csv", "who,at,amount,note\nana,2024-05-01,1,x\n", "")]
    [TestCase("orders.CSV", "who,at,amount,note\r\nana,2024-05-01,1,x\r\n", "")]
    [TestCase("orders.csv", "who;at;amount;note\nana;2024-05-01;1;x\n", "delimiter: ;")]
    [TestCase("orders.tsv", "who\tat\tamount\tnote\nana\t2024-05-01\t1\tx", "")]
    [TestCase("orders.txt", "\n  who at    amount note\n  ana 2024-05-01   1  x  \n", "")]
    [TestCase("orders.txt", "ana 2024-05-01 1 x", "columns: [who, at, amount, note]")]
    [TestCase("orders.csv", "a,b,c,d\nana,2024-05-01,1,x", "columns: [who, at, amount, note]\nheader: true")]
    [TestCase("orders.data", "who,at,amount,note\nana,2024-05-01,1,x\n", "format: csv")]
    [TestCase("orders.jsonl", """{"who":"ana","at":"2024-05-01","amount":1,"note":"x"}""", "")]
    [TestCase("orders.ndjson", """

        {"who":"ana","at":"2024-05-01","amount":"1","note":"x"}

        """, "")]
    public async Task All_formats_say_the_same(string name, string content, string settings)
    {
        var plain = await MappedFile.RowsAsync(name, content, $"{settings}\n{Orders}");
        var packed = await MappedFile.RowsAsync(name, MappedFile.Gzip(content), $"{settings}\n{Orders}");

        Assert.Multiple(() =>
        {
            Assert.That(plain.Select(MappedFile.Properties), Is.EqualTo(new[] { """{"note":"x","total":1}""" }));
            Assert.That(plain[0].Event!.CustomerId, Is.EqualTo("ana"));
            Assert.That(packed[0].Event!.EventId, Is.EqualTo(plain[0].Event!.EventId));
        });
    }

    [Test]
    public async Task Quoted_fields_hold_delimiters_quotes_and_line_ends()
    {
        var rows = await MappedFile.RowsAsync("orders.csv", "who,at,amount,note\nana,2024-05-01,1,\"a, \"\"b\"\"\nc\"\nbo,2024-05-02,2,d\n", Orders);

        Assert.Multiple(() =>
        {
            Assert.That(MappedFile.Properties(rows[0]), Is.EqualTo("""{"note":"a, \"b\"\nc","total":1}"""));
            Assert.That(rows[0].Line, Is.EqualTo(2));
            Assert.That(rows[1].Line, Is.EqualTo(4), "the row before takes two lines");
        });
    }

    [Test]
    public async Task Quotes_in_tab_separated_files_are_text()
    {
        var rows = await MappedFile.RowsAsync("orders.tsv", "who\tat\tamount\tnote\nana\t2024-05-01\t1\t\"5 inch\n", Orders);

        Assert.That(MappedFile.Properties(rows[0]), Is.EqualTo("""{"note":"\"5 inch","total":1}"""));
    }

    [Test]
    public async Task A_bad_row_is_rejected_with_its_line_and_the_others_stand()
    {
        var rows = await MappedFile.RowsAsync(
            "orders.csv",
            "who,at,amount,note\nana,2024-05-01,1,x\nbo,yesterday,1,x\n\ncy,2024-05-01,ten,x\ndi,2024-05-01\n,2024-05-01,1,x\ned,2024-05-01,1,x\n",
            Orders);

        Assert.That(
            rows.Select(row => $"{row.Line}: {row.Event?.CustomerId ?? $"{row.Rejection!.Code}: {row.Rejection.Reason}"}"),
            Is.EqualTo(new[]
            {
                "2: ana",
                "3: bad-row: the time `yesterday` does not fit the pattern iso",
                "5: bad-row: amount is not a number: `ten`",
                "6: unreadable-row: has 2 columns where 4 are expected",
                "7: bad-customer-id: customerId: must have 1 to 200 characters",
                "8: ed",
            }));
    }

    [TestCase("{", "is not JSON")]
    [TestCase("[1]", "is not a JSON object")]
    [TestCase("""{"who":"ana","at":"2024-05-01","amount":[1]}""", "amount is not a single value")]
    [TestCase("""{"who":"ana","at":"2024-05-01","amount":1e40}""", "amount is not a number")]
    [TestCase("""{"who":"\ud800","at":"2024-05-01","amount":1}""", "who is not valid Unicode")]
    public async Task A_bad_line_of_json_is_rejected(string line, string reason)
    {
        var rows = await MappedFile.RowsAsync("orders.jsonl", line, Orders);

        Assert.That(rows.Single().Rejection?.Reason, Does.StartWith(reason));
    }

    [Test]
    public async Task Empty_cells_are_left_out_of_the_event()
    {
        var rows = await MappedFile.RowsAsync("orders.csv", "who,at,amount,note\nana,2024-05-01,,\n", Orders);

        Assert.That(rows.Single().Event!.Properties, Is.Null);
    }

    [Test]
    public async Task Text_that_is_not_utf8_is_rejected_and_latin1_is_read_when_the_mapping_says_so()
    {
        var latin1 = Encoding.Latin1.GetBytes("who,at,amount,note\nana,2024-05-01,1,Müller\n");

        var asUtf8 = await MappedFile.RowsAsync("orders.csv", latin1, Orders);
        var asLatin1 = await MappedFile.RowsAsync("orders.csv", latin1, $"encoding: latin1\n{Orders}");

        Assert.Multiple(() =>
        {
            Assert.That(asUtf8.Single().Rejection?.Reason, Does.StartWith("is not valid UTF-8"));
            Assert.That(MappedFile.Properties(asLatin1.Single()), Does.Contain("Müller"));
        });
    }

    [Test]
    public async Task Json_is_reached_by_dotted_paths_and_copied_whole()
    {
        const string map = """
            customer: "{context.user}"
            time: { column: ts, pattern: unix-milliseconds }
            events:
              - name: "{type}"
                properties:
                  second: "{lines.1.sku}"
                  products: { copy: lines }
                  paid: { number: price.amount }
            """;
        var rows = await MappedFile.RowsAsync(
            "log.jsonl", """{"context":{"user":"ana"},"ts":1714557600000,"type":"Product Viewed","lines":[{"sku":"a"},{"sku":"b"}],"price":{"amount":"19.90"}}""", map);

        Assert.Multiple(() =>
        {
            Assert.That(rows.Single().Event!.Kind, Is.EqualTo("browse"));
            Assert.That(rows.Single().Event!.OccurredAt, Is.EqualTo(new DateTimeOffset(2024, 5, 1, 10, 0, 0, TimeSpan.Zero)));
            Assert.That(MappedFile.Properties(rows.Single()), Is.EqualTo("""{"paid":19.9,"products":[{"sku":"a"},{"sku":"b"}],"second":"b"}"""));
        });
    }

    [Test]
    public async Task The_first_event_that_fits_a_row_is_taken_and_skipped_rows_are_told()
    {
        const string map = """
            customer: "{who}"
            time: "{at}"
            skip:
              - { when: { column: who, is: test }, reason: a test account }
            properties: { source: export }
            events:
              - when: { column: kind, in: [sale, web sale] }
                name: Order Completed
                properties: { large: { when: { number: amount, atLeast: 100 } } }
              - when: { not: { column: kind, empty: true } }
                name: "{kind}"
                kind: interaction
                properties: { source: override }
            """;
        var rows = await MappedFile.RowsAsync(
            "log.csv", "who,at,kind,amount\nana,2024-05-01,web sale,100\nana,2024-05-01,return,1\ntest,2024-05-01,sale,1\nana,2024-05-01,,1\n", map);

        Assert.Multiple(() =>
        {
            Assert.That(MappedFile.Properties(rows[0]), Is.EqualTo("""{"large":true,"source":"export"}"""));
            Assert.That(rows[1].Event, Is.Not.Null.And.Property("Kind").EqualTo("interaction").And.Property("Name").EqualTo("return"));
            Assert.That(MappedFile.Properties(rows[1]), Is.EqualTo("""{"source":"override"}"""));
            Assert.That(rows[2].SkipReason, Is.EqualTo("a test account"));
            Assert.That(rows[3].Rejection?.Code, Is.EqualTo("no-event"));
        });
    }

    [TestCase("Quantity * {Unit Price}", "5.10")]
    [TestCase("-Quantity", "-2")]
    [TestCase("abs(-Quantity * 1.5)", "3.0")]
    [TestCase("Quantity + 1 - Quantity * 2", "-1")]
    [TestCase("(Quantity + 1) * 2", "6")]
    [TestCase("0.1 + 0.2", "0.3")]
    public async Task Numbers_are_computed_exactly(string amount, string expected)
    {
        var rows = await MappedFile.RowsAsync("lines.csv", "who,at,Quantity,Unit Price\nana,2024-05-01,2,2.55\n", $$"""
            customer: "{who}"
            time: "{at}"
            events: [{ name: x, properties: { n: { number: "{{amount}}" } } }]
            """);

        Assert.That(rows.Single().Event!.Properties!.Value.GetProperty("n").GetDecimal(), Is.EqualTo(decimal.Parse(expected, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Test]
    public async Task A_computation_that_grows_too_large_rejects_its_row()
    {
        var rows = await MappedFile.RowsAsync("lines.csv", "who,at,n\nana,2024-05-01,7e28\n", """
            customer: "{who}"
            time: "{at}"
            events: [{ name: x, properties: { n: { number: n * n } } }]
            """);

        Assert.That(rows.Single().Rejection?.Reason, Does.Contain("outside"));
    }

    [TestCase("{ column: at, pattern: \"dd/MM/yyyy HH:mm\", zone: Europe/London }", "01/07/2024 09:30", "2024-07-01T08:30:00Z")]
    [TestCase("{ column: at, zone: America/New_York }", "2024-07-01", "2024-07-01T04:00:00Z")]
    [TestCase("{ column: at, pattern: [yyyyMMdd, iso], zone: UTC }", "2024-07-01 10:00:00", "2024-07-01T10:00:00Z")]
    [TestCase("{ text: \"{at}T12:00:00+02:00\" }", "2024-07-01", "2024-07-01T10:00:00Z")]
    [TestCase("{ column: at, pattern: unix-seconds }", "1719828000.5", "2024-07-01T10:00:00.500Z")]
    [TestCase("{ column: at, pattern: \"yyyy-MM-dd HH:mm o<+HH:mm>\" }", "2024-07-01 10:00 +05:30", "2024-07-01T04:30:00Z")]
    [TestCase("{ column: at, pattern: \"yyyy-MM-dd HH:mm\", zone: Europe/Berlin }", "2024-03-31 02:30", "2024-03-31T01:30:00Z")]
    [TestCase("{ column: at, pattern: \"yyyy-MM-dd HH:mm\", zone: Europe/Berlin }", "2024-10-27 02:30", "2024-10-27T00:30:00Z")]
    public async Task Times_are_read_in_many_ways(string time, string text, string instant)
    {
        var rows = await MappedFile.RowsAsync("log.csv", $"who,at\nana,{text}\n", $"customer: \"{{who}}\"\ntime: {time}\nevents: [{{ name: x }}]\n");

        Assert.That(rows.Single().Event?.OccurredAt, Is.EqualTo(DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture)), rows.Single().Rejection?.Reason);
    }

    [Test]
    public void A_quote_that_is_never_closed_stops_reading_before_memory_is_full()
    {
        var content = "who,at,amount,note\nana,2024-05-01,1,\"" + new string('x', 3_000_000);

        Assert.That(() => MappedFile.RowsAsync("orders.csv", content, Orders), Throws.TypeOf<CommandException>().With.Message.Contains("line 2").And.Message.Contains("quote"));
    }

    [Test]
    public void A_damaged_gzip_file_is_told()
    {
        var packed = MappedFile.Gzip("who,at,amount,note\n" + string.Concat(Enumerable.Repeat("ana,2024-05-01,1,x\n", 10_000)));
        packed[packed.Length / 2] ^= 0xFF;

        Assert.That(() => MappedFile.RowsAsync("orders.csv.gz", packed, Orders), Throws.TypeOf<CommandException>().With.Message.Contains("cannot be read to its end"));
    }

    [Test]
    public async Task Lines_that_are_events_already_need_no_mapping()
    {
        var rows = await MappedFile.RowsAsync("events.jsonl", """
            {"eventId":"e1","customerId":"ana","kind":"browse","name":"Home","occurredAt":"2024-05-01T10:00:00Z","properties":{"n":1.10}}
            {"customerId":"ana","kind":"browse","name":"Home","occurredAt":"2024-05-01T10:00:00Z","receivedAt":"2024-05-01T10:00:01Z"}
            {"eventId":"e3","kind":"browse","name":"Home","occurredAt":"2024-05-01T10:00:00Z"}
            {"eventId":"e4","customerId":"ana","kind":"brwse","name":"Home","occurredAt":"2024-05-01T10:00:00Z"}
            {"eventId":"e5","customerId":"ana","kind":"browse","name":"Home","ocurredAt":"2024-05-01T10:00:00Z"}
            """, map: null);

        Assert.Multiple(() =>
        {
            Assert.That(rows[0].Event?.EventId, Is.EqualTo("e1"));
            Assert.That(rows[1].Event?.EventId, Has.Length.EqualTo(32), "an event without an id gets one from its content");
            Assert.That(rows[2].Rejection?.Reason, Does.Contain("customerId"));
            Assert.That(rows[3].Rejection?.Code, Is.EqualTo("bad-kind"));
            Assert.That(rows[4].Rejection?.Reason, Does.Contain("ocurredAt"));
        });
    }
}
