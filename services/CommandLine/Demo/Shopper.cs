using System.Collections.Immutable;
using System.Globalization;
using TaggingPipeline.Domain.Events;

namespace TaggingPipeline.CommandLine.Demo;

/// <summary>What a shopper does next: an event's type, name and properties.</summary>
internal sealed record Deed(string Type, string Name, PropertyBag Properties)
{
    public static Deed Track(string name, params ReadOnlySpan<(string, Value)> properties) => new("track", name, PropertyBag.Of(properties));
}

/// <summary>One simulated customer: likes a category, looks around, fills a cart, and buys or walks away.</summary>
/// <remarks>All chance comes from the generator given, so the same seed gives the same life.</remarks>
internal sealed class Shopper(int number, string orderPrefix, Random random)
{
    private const int MostLines = 4;

    private readonly string _taste = Catalogue.Categories[random.Next(Catalogue.Categories.Count)];
    private readonly double _resolve = 0.25 + (random.NextDouble() * 0.6);
    private readonly List<Product> _cart = [];
    private readonly List<(string Id, decimal Total)> _orders = [];
    private Product? _looksAt;
    private string? _coupon;
    private bool _isKnown;
    private bool _isCheckingOut;
    private int _ordersMade;

    public string Id { get; } = string.Create(CultureInfo.InvariantCulture, $"shopper-{number:0000}");

    /// <summary>The shopper is in the shop.</summary>
    public bool IsPresent { get; private set; }

    /// <summary>The first thing done in a visit.</summary>
    public Deed Arrive()
    {
        IsPresent = true;
        _looksAt = null;
        _isCheckingOut = false;
        if (!_isKnown)
        {
            _isKnown = true;
            return Identify();
        }

        if (_orders.Count > 0 && random.NextDouble() < 0.15)
            return GiveBack();
        return new("page", "Home", PropertyBag.Of(
            ("url", Value.Of("https://shop.example/")),
            ("title", Value.Of("Everything for the weekend")),
            ("referrer", Value.Of("https://search.example/?q=weekend+gifts"))));
    }

    /// <summary>The next thing done; the last of a visit leaves the shopper absent.</summary>
    public Deed Act()
    {
        if (_isCheckingOut)
            return CheckOut();
        var chance = random.NextDouble();
        if (_cart.Count > 0 && chance < 0.18)
            return BeginOrWalkAway();
        if (_looksAt is not null && _cart.Count < MostLines && chance < 0.40)
            return Cart("Product Added", _looksAt);
        IsPresent = random.NextDouble() > 0.08;
        return chance switch
        {
            < 0.48 => Search(),
            < 0.58 => List(),
            < 0.63 => Deed.Track("Newsletter Subscribed", ("list", Value.Of("weekly")), ("place", Value.Of("footer")), ("category", Value.Of(_taste))),
            _ => View(),
        };
    }

    private Deed Identify() => new("identify", "identify", PropertyBag.Of(
        ("age", Value.Of((decimal)random.Next(17, 80))),
        ("city", Value.Of(random.Next(3) switch { 0 => "Leeds", 1 => "Köln", _ => "杭州" })),
        ("newsletter", Value.Of(random.Next(2) == 0)),
        ("email", Value.Of($"{Id}@mail.example")),
        ("plan", Value.Of(random.Next(4) == 0 ? "plus" : "standard")),
        ("createdAt", Value.Of("2024-03-01T09:00:00.000Z"))));

    private Deed Search() => Deed.Track(
        "Products Searched", ("query", Value.Of($"{_taste} {(random.Next(2) == 0 ? "sale" : "new arrivals")}")),
        ("results", Value.Of((decimal)random.Next(60))), ("category", Value.Of(_taste)), ("url", Value.Of("https://shop.example/search")));

    private Deed List() => Deed.Track(
        "Product List Viewed", ("list_id", Value.Of($"list-{_taste}")), ("category", Value.Of(_taste)), ("sort", Value.Of("price-ascending")),
        ("url", Value.Of($"https://shop.example/{_taste}")));

    private Deed View()
    {
        var shelf = random.NextDouble() < 0.7 ? Catalogue.Products.Where(product => product.Category == _taste) : Catalogue.Products;
        _looksAt = shelf.ElementAt(random.Next(shelf.Count()));
        return Deed.Track("Product Viewed", PropertiesOf(_looksAt));
    }

    private Deed BeginOrWalkAway()
    {
        if (random.NextDouble() > _resolve)
        {
            // The cart stays as it is: an abandoned one, for rules to notice.
            IsPresent = false;
            var unwanted = _cart[^1];
            return Cart("Product Removed", unwanted);
        }

        _isCheckingOut = true;
        return Deed.Track(
            "Checkout Started", ("order_id", Value.Of(NextOrderId)), ("value", Value.Of(_cart.Sum(product => product.Price))), ("currency", Value.Of("EUR")),
            ("lines", Value.Of((decimal)_cart.Count)), ("category", Value.Of(_taste)));
    }

    private Deed CheckOut()
    {
        if (_coupon is null && random.NextDouble() < 0.3)
        {
            _coupon = "WEEKEND10";
            return Deed.Track(
                "Coupon Applied", ("order_id", Value.Of(NextOrderId)), ("coupon_id", Value.Of(_coupon)), ("discount", Value.Of(10m)),
                ("category", Value.Of(_taste)));
        }

        var subtotal = _cart.Sum(product => product.Price);
        var discount = _coupon is null ? 0 : Math.Round(subtotal / 10, 2);
        var total = subtotal - discount + 4.95m;
        var order = Deed.Track(
            "Order Completed", ("order_id", Value.Of(NextOrderId)), ("total", Value.Of(total)), ("shipping", Value.Of(4.95m)), ("discount", Value.Of(discount)),
            ("currency", Value.Of("EUR")), ("coupon", _coupon is null ? Value.Missing : Value.Of(_coupon)), ("category", Value.Of(_cart[0].Category)),
            ("products", Value.Of(_cart.Select(LineOf).ToImmutableArray())));
        _orders.Add((NextOrderId, total));
        _ordersMade++;
        _cart.Clear();
        _coupon = null;
        _isCheckingOut = false;
        IsPresent = random.NextDouble() < 0.3;
        return order;
    }

    private Deed GiveBack()
    {
        var (order, total) = _orders[^1];
        _orders.RemoveAt(_orders.Count - 1);
        if (random.Next(3) == 0)
            return Deed.Track("Order Cancelled", ("order_id", Value.Of(order)), ("reason", Value.Of("ordered by mistake")), ("currency", Value.Of("EUR")));
        var refunded = Math.Round(total / random.Next(1, 4), 2);
        return Deed.Track("Order Refunded", ("order_id", Value.Of(order)), ("total", Value.Of(refunded)), ("currency", Value.Of("EUR")));
    }

    private Deed Cart(string name, Product product)
    {
        if (name == "Product Added")
            _cart.Add(product);
        else
            _cart.Remove(product);
        return Deed.Track(name, [("cart_id", Value.Of($"cart-{Id}")), ("quantity", Value.Of(1m)), .. PropertiesOf(product)]);
    }

    private string NextOrderId => string.Create(CultureInfo.InvariantCulture, $"{orderPrefix}-{number}-{_ordersMade + 1}");

    private static (string, Value)[] PropertiesOf(Product product) =>
    [
        ("product_id", Value.Of(product.Id)), ("name", Value.Of(product.Name)), ("category", Value.Of(product.Category)), ("brand", Value.Of(product.Brand)),
        ("price", Value.Of(product.Price)), ("currency", Value.Of("EUR")), ("url", Value.Of($"https://shop.example/{product.Category}/{product.Id}")),
    ];

    private static Value LineOf(Product product) =>
        Value.Of(PropertyBag.Of(("product_id", Value.Of(product.Id)), ("price", Value.Of(product.Price)), ("quantity", Value.Of(1m))));
}
