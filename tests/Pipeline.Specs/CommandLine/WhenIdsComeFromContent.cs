namespace TaggingPipeline.Pipeline.Specs.CommandLine;

public sealed class WhenIdsComeFromContent
{
    private const string Map = """
        customer: "{who}"
        time: "{at}"
        events: [{ name: Order Completed, properties: { total: { number: amount } } }]
        """;

    private const string File = "who,at,amount\nana,2024-05-01,1.50\nbo,2024-05-01,1.50\nana,2024-05-01,1.5\nana,2024-05-01,1.50\n";

    [Test]
    public async Task The_same_file_gives_the_same_ids_for_ever()
    {
        var ids = await IdsAsync(File);

        // Pinned: other ids would make a file that was imported before count twice.
        Assert.That(ids[0], Is.EqualTo("bca904a5e7fb739f8ae221583a1669d7"));
    }

    [Test]
    public async Task Rows_that_say_the_same_are_events_of_their_own()
    {
        var ids = await IdsAsync(File);

        Assert.Multiple(() =>
        {
            Assert.That(ids, Is.Unique);
            Assert.That(ids[2], Is.EqualTo($"{ids[0]}-2"));
            Assert.That(ids[3], Is.EqualTo($"{ids[0]}-3"));
            Assert.That(ids, Has.All.Length.LessThanOrEqualTo(100));
        });
    }

    [Test]
    public async Task Columns_that_the_mapping_leaves_out_and_the_order_of_rows_do_not_matter()
    {
        var ids = await IdsAsync(File);
        var others = await IdsAsync("extra,amount,at,who\nx,1.5,2024-05-01,bo\ny,1.50,2024-05-01,ana\n");

        Assert.That(others, Is.EqualTo(new[] { ids[1], ids[0] }));
    }

    [Test]
    public async Task Parts_do_not_run_together()
    {
        var ids = await IdsAsync("who,at,amount\nana1,2024-05-01,2\nana,2024-05-01,12\n");

        Assert.That(ids, Is.Unique);
    }

    [Test]
    public async Task A_mapping_can_give_ids_itself()
    {
        var rows = await MappedFile.RowsAsync("orders.csv", "who,at,amount\nana,2024-05-01,1\n,2024-05-01,1\n", "id: \"order-{amount}-{who}\"\n" + Map);

        Assert.That(rows[0].Event?.EventId, Is.EqualTo("order-1-ana"));
    }

    private static async Task<string[]> IdsAsync(string content) =>
        [.. (await MappedFile.RowsAsync("orders.csv", content, Map)).Select(row => row.Event!.EventId)];
}
