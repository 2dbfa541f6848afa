namespace TaggingPipeline.Domain.Specs.Naive;

/// <summary>Random expressions of the language, made along its grammar, and always well typed.</summary>
public static class RandomRules
{
    private static readonly string[] Kinds = ["purchase", "browse", "interaction", "event", "profile"];

    public static string Condition(Random random, int depth = 3) => depth == 0 ? Comparison(random, 0) : random.Next(10) switch
    {
        0 => $"({Condition(random, depth - 1)} and {Condition(random, depth - 1)})",
        1 => $"({Condition(random, depth - 1)} or {Condition(random, depth - 1)})",
        2 => $"not ({Condition(random, depth - 1)})",
        3 => $"{Pick(random, "exists", "none")}({Events(random, depth)}{Window(random)})",
        4 => Pick(random, "trait.vip", "trait.age >= 30", "trait.city in (\"Bath\", \"北京\")", "trait.age < 18.5", "trait.city != \"York\""),
        5 => $"since({Moment(random, depth)}) {Operator(random)} {Duration(random)}",
        7 => Text(random),
        8 => $"{Pick(random, "exists", "none")}({Sequence(random, depth)}{Window(random)})",
        6 => $"{Moment(random, depth)} {Operator(random)} {Pick(random, Moment(random, depth), "now - " + Duration(random), "\"2026-03-29T00:30:00Z\"", "\"2026-03-27\"")}",
        _ => Comparison(random, depth),
    };

    /// <summary>A condition over other rules: tags <c>w…</c> are held or not, <c>t…</c> have the tiers high and low, <c>v…</c> a value; segments <c>s…</c>.</summary>
    public static string Reference(Random random, params ReadOnlySpan<string> keys) => Pick(random, keys) switch
    {
        ['s', ..] and var key => $"{Pick(random, "", "not ")}segment({key})",
        ['t', ..] and var key => $"tag({key}) {Pick(random, "= high", "!= low", "in (high, low)", "not in (high)")}",
        ['v', ..] and var key => $"tag({key}) {Operator(random)} {random.Next(5)}",
        var key => $"{Pick(random, "", "not ")}tag({key})",
    };

    public static string Value(Random random) => random.Next(8) switch
    {
        6 => $"top({Pick(random, "browse", "interaction", "purchase", "event")}{Filter(random)}.{Pick(random, "category", "price")}{Window(random)})",
        7 => $"top(purchase.products[{Pick(random, "", "price > 4", "quantity = 2")}].category{Window(random)})",
        0 => $"{Pick(random, "first", "last")}({Pick(random, "browse", "interaction", "purchase")}{Filter(random)}.category{Window(random)})",
        1 => $"{Moment(random, 1)} if {Condition(random, 1)}",
        2 => $"{Number(random, 2)} if {Condition(random, 1)} else {Number(random, 1)}",
        3 => $"round({Number(random, 2)}, {random.Next(4)})",
        4 => $"first(purchase.date{Window(random)})",
        _ => Number(random, 2),
    };

    public static string Number(Random random, int depth) => depth == 0 ? Aggregate(random, 0) : random.Next(10) switch
    {
        9 => random.Next(2) == 0 ? $"percentile({Scored(random)})" : $"quintile({Scored(random)}{Pick(random, "", "", ", 1", ", 0.5", ", 0")})",
        7 => Pick(random, "age(trait.birthday)", "days_to_birthday(trait.birthday)", "age(first(browse.date))", "days_to_birthday(\"2024-02-29\")"),
        8 => $"count({Sequence(random, depth)}{Window(random)})",
        0 => $"({Number(random, depth - 1)} {Pick(random, "+", "-", "*", "/")} {Number(random, depth - 1)})",
        1 => $"days_between({Moment(random, depth)}, {Pick(random, "now", Moment(random, depth))})",
        2 => $"{Pick(random, "days", "hours")}(since({Moment(random, depth)}))",
        3 => $"coalesce({Aggregate(random, depth)}, -{random.Next(9)})",
        _ => Aggregate(random, depth),
    };

    private static string Scored(Random random) => random.Next(6) switch
    {
        0 => $"days_between({Moment(random, 0)}, now)",
        1 => $"{Pick(random, "days", "hours")}(since({Moment(random, 0)}))",
        2 => $"{Aggregate(random, 0)} if exists({Events(random, 0)})",
        3 => $"(100 - hours(since({Moment(random, 0)})) / 2)",
        _ => Aggregate(random, 0),
    };

    private static string Comparison(Random random, int depth) => random.Next(4) == 0
        ? $"{Number(random, depth)} {Operator(random)} {Number(random, 0)}"
        : $"{Number(random, depth)} {Operator(random)} {random.Next(6)}{Pick(random, "", "", ".5")}";

    private static string Aggregate(Random random, int depth) => random.Next(6) == 0 ? Lines(random) : random.Next(4) == 0
        ? $"{Pick(random, "sum", "avg", "min", "max")}({Pick(random, "purchase.total", "purchase" + Filter(random) + ".total", "purchase.tax", "browse.price", "interaction" + Filter(random) + ".price")}{Window(random)})"
        : random.Next(4) == 0
            ? $"distinct({Pick(random, Kinds)}{Filter(random)}.{Pick(random, "category", "date", "name", "time")}{Window(random)})"
            : $"count({Events(random, depth)}{Window(random)})";

    private static string Lines(Random random)
    {
        var lines = $"purchase{Filter(random)}.products[{Pick(random, "", "category = \"shoes\"", "price > 3 and quantity >= 1", "name = \"line\"")}]";
        return random.Next(4) switch
        {
            0 => $"count({lines}{Window(random)})",
            1 => $"distinct({lines}.{Pick(random, "category", "price")}{Window(random)})",
            2 => $"{Pick(random, "sum", "max")}({lines}.price * quantity{Window(random)})",
            _ => $"{Pick(random, "sum", "avg", "min")}({lines}{Pick(random, ".price", ".(quantity + 1)", ".(price - 1) * 2")}{Window(random)})",
        };
    }

    private static string Sequence(Random random, int depth)
    {
        var steps = Enumerable.Range(0, random.Next(1, 3)).Select(_ => $" then {Events(random, 0)} within {Duration(random)}");
        return $"{Events(random, depth)}{string.Concat(steps)}{(random.Next(3) == 0 ? $" then no {Events(random, 0)} within {Duration(random)}" : "")}";
    }

    private static string Text(Random random)
    {
        var text = Pick(random, "trait.city", "lower(trait.city)", "upper(trait.city)", "last(browse.category)", "trait.birthday", "trait.age");
        return Pick(random, $"contains({text}, \"a\")", $"starts_with({text}, \"B\")", $"ends_with({text}, \"k\")", $"matches({text}, \"^[BY].*[hk]$\")", $"{text} = \"bath\"",
            $"matches({text}, \"-02-29|北\")");
    }

    private static string Events(Random random, int depth) =>
        $"{Pick(random, Kinds)}{Pick(random, "", "", "[\"Product Viewed\"]", "[\"Product Added\"]", "[\"Order Refunded\"]")}{Filter(random)}"
        + (depth > 0 && random.Next(5) == 0 ? $" since {Moment(random, depth - 1)}" : "");

    private static string Filter(Random random) => random.Next(2) == 0 ? "" : Pick(random,
        "[category = \"shoes\"]", "[category in (\"hats\", \"books\")]", "[price > 5]", "[total >= 7.5]", "[not (category = \"hats\") and total > 2]",
        "[exists(products[category = \"hats\"])]", "[sum(products[price > 2].price * quantity) > 9]", "[count(products[]) != 2]", "[max(products[].price) >= 5]", "[contains(category, \"o\")]",
        "[date >= \"2026-03-25\"]", "[time < \"2026-03-28T12:00:00Z\"]", "[name = \"Home\" or price <= 3]", "[category != \"hats\"]");

    private static string Moment(Random random, int depth) => random.Next(depth > 0 ? 5 : 3) switch
    {
        0 => $"first({Pick(random, Kinds)}{Filter(random)}{Window(random)})",
        1 or 2 => $"last({Pick(random, Kinds)}{Filter(random)}{Window(random)})",
        3 => $"{Pick(random, "start_of_day", "end_of_day")}({Moment(random, depth - 1)})",
        _ => $"({Moment(random, depth - 1)} {Pick(random, "+", "-")} {Duration(random)})",
    };

    private static string Window(Random random) => random.Next(6) switch
    {
        0 or 1 => "",
        2 => ", " + Pick(random, "today", "yesterday", "this week", "last week", "this month", "last month", "this quarter", "last year", "this day",
            "3 calendar days", "last 2 calendar weeks", "previous 2 calendar days", "2 calendar months"),
        3 => ", previous " + Duration(random),
        _ => ", " + Duration(random),
    };

    private static string Duration(Random random) => Pick(random, "1h", "5h", "24h", "1d", "3d", "1w", "90m", "36h", "2ms");

    private static string Operator(Random random) => Pick(random, "=", "!=", "<", "<=", ">", ">=");

    private static string Pick(Random random, params ReadOnlySpan<string> options) => options[random.Next(options.Length)];
}
