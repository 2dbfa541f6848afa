namespace TaggingPipeline.CommandLine.Demo;

/// <summary>One thing that the simulated shop sells.</summary>
/// <param name="Price">In euros.</param>
internal sealed record Product(string Id, string Name, string Category, string Brand, decimal Price);

/// <summary>What the simulated shop sells.</summary>
internal static class Catalogue
{
    private static readonly (string Category, string[] Names, decimal From, decimal Step)[] Shelves =
    [
        ("shoes", ["Trail Runner", "Court Classic", "Winter Boot", "City Loafer", "Track Spike"], 59.90m, 17.50m),
        ("outdoor", ["Two-Person Tent", "Down Sleeping Bag", "Trekking Poles", "Camp Stove", "Headlamp"], 24.95m, 31.25m),
        ("music", ["Upright Bass Strings", "Vinyl Box Set", "Metronome", "Guitar Strap", "Songbook"], 8.49m, 12.75m),
        ("kitchen", ["Cast Iron Pan", "Chef's Knife", "Pour-Over Kettle", "Bread Tin", "Spice Mill"], 14.99m, 14.20m),
        ("books", ["Field Guide to Birds", "History of Maps", "Collected Poems", "Garden Almanac", "Chess Endings"], 9.95m, 6.05m),
    ];

    private static readonly string[] Brands = ["Northfell", "Marlow & Sons", "Kestrel", "Old Harbour"];

    public static IReadOnlyList<string> Categories { get; } = [.. Shelves.Select(shelf => shelf.Category)];

    public static IReadOnlyList<Product> Products { get; } =
    [
        .. Shelves.SelectMany((shelf, row) => shelf.Names.Select((name, column) => new Product(
            $"sku-{row + 1}{column + 1:00}", name, shelf.Category, Brands[(row + column) % Brands.Length], shelf.From + (column * shelf.Step)))),
    ];
}
