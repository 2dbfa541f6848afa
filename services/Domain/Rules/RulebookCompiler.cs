using System.Collections.Immutable;
using NodaTime;
using TaggingPipeline.Domain.Events;
using TaggingPipeline.Domain.Populations;
using TaggingPipeline.Domain.Rules.Binding;
using TaggingPipeline.Domain.Rules.Expressions;
using TaggingPipeline.Domain.Rules.Language;
using TaggingPipeline.Domain.Rules.Measures;

namespace TaggingPipeline.Domain.Rules;

/// <summary>Checks a definition as a whole and compiles it.</summary>
internal sealed class RulebookCompiler(RulebookDefinition definition)
{
    private const int MostTags = 5_000;
    private const int LongestKey = 100;

    /// <summary>What <see cref="IsKey"/> expects, for messages.</summary>
    public static readonly string KeyForm = $"1 to {LongestKey} letters, digits, `-` and `_`, not starting with `-`";

    private static readonly ImmutableArray<string> Categories = ["basic", "behaviour", "interest", "value"];

    private static readonly ImmutableDictionary<string, EventKind> KindsByName = new Dictionary<string, EventKind>
    {
        ["purchase"] = EventKind.Purchase,
        ["order-updated"] = EventKind.OrderUpdated,
        ["order-refunded"] = EventKind.OrderRefunded,
        ["order-cancelled"] = EventKind.OrderCancelled,
        ["browse"] = EventKind.Browse,
        ["interaction"] = EventKind.Interaction,
    }.ToImmutableDictionary();

    private readonly List<RulebookError> _errors = [];
    private readonly MeasureCollector _measures = new();
    private readonly PopulationCollector _populations = new();
    private readonly Dictionary<string, ImmutableArray<string>> _tags = new(StringComparer.Ordinal);
    private readonly HashSet<string> _segments = new(StringComparer.Ordinal);
    private readonly Dictionary<RuleName, RuleUses> _uses = [];
    private readonly Dictionary<string, TagRule> _compiledTags = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SegmentRule> _compiledSegments = new(StringComparer.Ordinal);
    private TagOptionsCompiler _options = null!;
    private DateTimeZone _zone = DateTimeZone.Utc;

    public RulebookCompilation Compile()
    {
        if (definition.Name.Text.Length == 0)
            Error(definition.Name, "rulebook", "expected a name");
        _zone = FindZone();
        var kinds = CheckEvents();
        var cadence = new RefreshCadence(CheckCadence(), _zone);
        var currencies = CheckCurrencies();
        foreach (var tag in definition.Tags)
            CheckKey(tag.Key, "tag", _tags.ContainsKey(tag.Key.Text), () => _tags.Add(tag.Key.Text, [.. tag.Tiers.Select(tier => tier.Name).Concat(tag.Manual?.Values ?? []).Select(name => name.Text)]));
        if (definition.Tags.Length > MostTags)
            Error(definition.Name, "rulebook", $"has {definition.Tags.Length} tags; at most {MostTags} are allowed");
        foreach (var segment in definition.Segments)
            CheckKey(segment.Key, "segment", _segments.Contains(segment.Key.Text), () => _segments.Add(segment.Key.Text));

        _options = new(definition, Error);
        _options.CheckGroups();
        var tags = definition.Tags.Select(CompileTag).ToArray();
        var segments = definition.Segments.Select(CompileSegment).ToArray();
        var references = new RuleReferences(_uses);
        foreach (var (rule, at, message) in references.Check())
            _errors.Add(new(at, $"{(rule.IsSegment ? "segment" : "tag")} {rule.Key}", message));
        if (_errors.Count > 0)
            return new(null, [.. _errors.OrderBy(error => error.At.Line).ThenBy(error => error.At.Column)]);

        foreach (var tag in tags)
        {
            var rule = tag!(references);
            _compiledTags.Add(rule.Key, rule);
        }

        foreach (var segment in segments)
        {
            _compiledSegments.Add(segment!.Key, segment);
            segment.Content = new(() => ContentOf(references.RulesOf(RuleName.Segment(segment.Key))));
        }

        var segmentTraits = _segments.SelectMany(key => _uses[RuleName.Segment(key)].Traits).Distinct().Order(StringComparer.Ordinal);
        return new(
            new Rulebook(definition.Name.Text, $"{definition.Name.Text}@{RulebookContent.Hash(definition)}", [.. definition.Tags.Select(tag => _compiledTags[tag.Key.Text])], [.. segments!],
                [.. segmentTraits], _measures.Build(kinds, _zone, currencies, definition.Limits), [.. _populations.Arguments], cadence),
            []);
    }

    private DateTimeZone FindZone()
    {
        if (DateTimeZoneProviders.Tzdb.GetZoneOrNull(definition.TimeZone.Text) is { } zone)
            return zone;
        Error(definition.TimeZone, "timezone", $"there is no time zone `{definition.TimeZone.Text}`{Suggestions.DidYouMean(definition.TimeZone.Text, DateTimeZoneProviders.Tzdb.Ids)}; expected an IANA name, such as `Europe/London`");
        return DateTimeZone.Utc;
    }

    private Dictionary<string, EventKind> CheckEvents()
    {
        var kinds = new Dictionary<string, EventKind>(StringComparer.Ordinal);
        foreach (var (name, kind) in definition.Events)
        {
            if (KindsByName.TryGetValue(kind.Text, out var known))
                kinds[name.Text] = known;
            else
                Error(kind, $"event {name.Text}", $"there is no kind `{kind.Text}`{Suggestions.DidYouMean(kind.Text, KindsByName.Keys)}; expected one of {string.Join(", ", KindsByName.Keys.Order(StringComparer.Ordinal))}");
        }

        return kinds;
    }

    /// <returns>Null where the rulebook takes amounts as they are.</returns>
    private Currencies? CheckCurrencies()
    {
        const decimal LargestRate = 1_000_000_000m;
        var rates = new Dictionary<string, decimal>(StringComparer.OrdinalIgnoreCase);
        foreach (var (currency, rate) in definition.Rates)
        {
            if (definition.Currency is null)
                Error(currency, "rates", "a rate wants to know of which currency it is worth so much: expected `currency` besides, such as `currency: EUR`");
            else if (!IsCurrency(currency) || string.Equals(currency.Text, definition.Currency.Text, StringComparison.OrdinalIgnoreCase))
                Error(currency, "rates", $"`{currency.Text}` is no other currency; expected three letters, such as `USD`");
            else if (!Value.TryParseNumber(rate.Text, out var worth) || worth is <= 0 or > LargestRate)
                Error(rate, $"rate {currency.Text}", $"`{rate.Text}` is no rate; expected what one {currency.Text} is worth in {definition.Currency.Text}, such as `0.92`");
            else if (!rates.TryAdd(currency.Text.ToUpperInvariant(), worth))
                Error(currency, "rates", $"there is another rate for `{currency.Text}`");
        }

        if (definition.Currency is null)
            return null;
        if (!IsCurrency(definition.Currency))
            Error(definition.Currency, "currency", $"`{definition.Currency.Text}` is no currency; expected three letters, such as `EUR`");
        return new(definition.Currency.Text.ToUpperInvariant(), rates);

        static bool IsCurrency(SourceText text) => text.Text.Length == 3 && text.Text.All(char.IsAsciiLetter);
    }

    private long CheckCadence()
    {
        if (definition.PopulationEvery is not { } every)
            return RefreshCadence.Usual;
        var parsed = Parser.Parse(every.Text);
        if (parsed is { Errors.IsEmpty: true, Root: DurationSyntax { Milliseconds: >= RefreshCadence.Shortest } duration })
            return duration.Milliseconds;
        Error(every, "population", $"`{every.Text}` is not how often the population is looked at anew; expected a duration of `1m` or more, such as `24h`");
        return RefreshCadence.Usual;
    }

    private void CheckKey(SourceText key, string what, bool isKnown, Action add)
    {
        if (isKnown)
            Error(key, $"{what} {key.Text}", $"there is another {what} with this key");
        else if (!IsKey(key.Text))
            Error(key, $"{what} {key.Text}", $"expected a key of 1 to {LongestKey} letters, digits, `-` and `_`, which does not start with `-`");
        else
            add();
    }

    public static bool IsKey(string text) =>
        text.Length is > 0 and <= LongestKey && text.All(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_') && text[0] != '-';

    /// <returns>Makes the rule, once all rules are known; null after an error.</returns>
    private Func<RuleReferences, TagRule>? CompileTag(TagDefinition tag)
    {
        var where = $"tag {tag.Key.Text}";
        if (!Categories.Contains(tag.Category.Text))
            Error(tag.Category, where, $"there is no category `{tag.Category.Text}`{Suggestions.DidYouMean(tag.Category.Text, Categories)}; expected one of {string.Join(", ", Categories)}");
        var forms = (tag.When is null ? 0 : 1) + (tag.Tiers.IsEmpty ? 0 : 1) + (tag.Value is null ? 0 : 1) + (tag.Manual is null ? 0 : 1);
        if (forms != 1)
        {
            Error(tag.Key, where, $"expected exactly one of `when`, `tiers`, `value` and `manual`; found {(forms == 0 ? "none" : "several")}");
            return null;
        }

        var options = _options.Compile(tag);
        var name = RuleName.Tag(tag.Key.Text);
        var used = UsesOf(name);
        var group = _options.GroupOf(tag, used);
        if (tag.Manual is not null)
            return Rule(options.ManualValues.IsEmpty ? "by hand" : $"by hand: {string.Join(", ", options.ManualValues)}", [], null);
        if (tag.Value is { } computed)
        {
            var value = Bind(computed, where, ExpressionPlace.TagRule, asCondition: false, used);
            return value is null || !CheckValue(value, computed, where) ? null : Rule(computed.Text, [], value);
        }

        if (tag.When is { } when)
        {
            var condition = Bind(when, where, ExpressionPlace.TagRule, asCondition: true, used);
            return condition is null ? null : Rule(when.Text, [(Value.True, condition)], null);
        }

        var tiers = ImmutableArray.CreateBuilder<(Value, Expression)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tier in tag.Tiers)
        {
            if (!names.Add(tier.Name.Text))
                Error(tier.Name, where, $"there is another tier `{tier.Name.Text}`");
            if (Bind(tier.Condition, $"{where}, tier {tier.Name.Text}", ExpressionPlace.TagRule, asCondition: true, used) is { } condition)
                tiers.Add((Value.Of(tier.Name.Text), condition));
        }

        var text = string.Join("; ", tag.Tiers.Select(tier => $"{tier.Name.Text}: {tier.Condition.Text}"));
        return Rule(text, tiers.ToImmutable(), null);

        Func<RuleReferences, TagRule> Rule(string text, ImmutableArray<(Value, Expression)> conditions, Expression? value) => references =>
        {
            var (selections, traits, looksAtPopulation) = references.Of(name);
            var rule = new TagRule(
                tag.Key.Text, tag.Name?.Text ?? tag.Key.Text, tag.Category.Text, text, conditions, value, [.. selections.Order()], traits.Count > 0, looksAtPopulation)
            {
                Options = options,
                Group = group,
            };
            group?.Add(rule);
            return rule;
        };
    }

    private bool CheckValue(Expression value, SourceText text, string where)
    {
        var advice = value.Type switch
        {
            StaticType.Boolean => "a condition; expected a number, text, an instant or a date, or `when:` in place of `value:`",
            StaticType.Duration => "a duration; expected a number, such as `days(…)`, text, an instant or a date",
            _ when value.IsContinuous => "something that changes all the time; expected something that stands still for a while, such as `days(since(…))`",
            _ => null,
        };
        if (advice is not null)
            Error(text, where, $"`{value.Text}` is {advice}");
        return advice is null;
    }

    private SegmentRule? CompileSegment(SegmentDefinition segment)
    {
        var condition = Bind(segment.When, $"segment {segment.Key.Text}", ExpressionPlace.Segment, asCondition: true, UsesOf(RuleName.Segment(segment.Key.Text)));
        return condition is null ? null : new(segment.Key.Text, segment.Name?.Text ?? segment.Key.Text, segment.When.Text, condition, _zone);
    }

    /// <summary>What is written of these rules, of the other tags of their groups (the one last assigned by hand decides about all), and of the whole rulebook.</summary>
    private string ContentOf(IReadOnlySet<RuleName> rules)
    {
        var groups = definition.Tags.Where(IsNamed).Select(tag => tag.Group?.Text).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return RulebookContent.Hash(definition with
        {
            Tags = [.. definition.Tags.Where(tag => IsNamed(tag) || (tag.Group is { } group && groups.Contains(group.Text)))],
            Segments = [.. definition.Segments.Where(segment => rules.Contains(RuleName.Segment(segment.Key.Text)))],
        });

        bool IsNamed(TagDefinition tag) => rules.Contains(RuleName.Tag(tag.Key.Text));
    }

    private RuleUses UsesOf(RuleName rule) => _uses.TryGetValue(rule, out var known) ? known : _uses[rule] = new();

    private Expression? Bind(SourceText text, string where, ExpressionPlace place, bool asCondition, RuleUses used)
    {
        var parsed = Parser.Parse(text.Text);
        var errors = new List<SyntaxError>(parsed.Errors);
        Expression? bound = null;
        if (errors.Count == 0 && parsed.Root is not null)
        {
            var context = new BindingContext
            {
                Source = text.Text,
                Place = place,
                Measures = _measures,
                Tags = _tags,
                Segments = _segments,
                TagOf = key => _compiledTags[key],
                SegmentOf = key => _compiledSegments[key],
                Errors = errors,
                Selections = used.Selections,
                Traits = used.Traits,
                Populations = _populations,
                PopulationArguments = used.PopulationArguments,
                Zone = _zone,
            };
            bound = asCondition ? Binder.BindCondition(parsed.Root, context) : Binder.Bind(parsed.Root, context);
            used.Rules.AddRange(context.Rules.Select(reference => (reference.Rule, text.PositionOf(reference.Span.Start))));
        }

        foreach (var error in errors)
            _errors.Add(new(text.PositionOf(error.Span.Start), where, error.Message) { End = text.PositionOf(error.Span.End) });
        return errors.Count > 0 ? null : bound;
    }

    private void Error(SourceText at, string where, string message) => _errors.Add(new(at.At, where, message) { End = at.End });
}
