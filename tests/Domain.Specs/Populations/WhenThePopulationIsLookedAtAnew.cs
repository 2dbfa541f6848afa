using NodaTime;
using NodaTime.Text;
using TaggingPipeline.Domain.Populations;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Domain.Specs.Naive;

namespace TaggingPipeline.Domain.Specs.Populations;

public sealed class WhenThePopulationIsLookedAtAnew
{
    [TestCase("24h", "2026-03-28T12:00:00Z", "2026-03-28T00:00:00Z", "2026-03-29T00:00:00Z")]
    [TestCase("24h", "2026-03-29T12:00:00Z", "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z", Description = "London's clocks went forward: that day had 23 hours")]
    [TestCase("1d", "2026-03-29T22:59:59.999Z", "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z")]
    [TestCase("1d", "2026-03-29T23:00:00Z", "2026-03-29T23:00:00Z", "2026-03-30T23:00:00Z")]
    [TestCase("2d", "1970-01-02T12:00:00Z", "1969-12-31T23:00:00Z", "1970-01-02T23:00:00Z", Description = "London kept summer time that winter")]
    [TestCase("1w", "2026-03-29T12:00:00Z", "2026-03-26T00:00:00Z", "2026-04-01T23:00:00Z", Description = "1 January 1970 was a Thursday")]
    [TestCase("36h", "1970-01-02T12:00:00Z", "1970-01-02T12:00:00Z", "1970-01-04T00:00:00Z")]
    [TestCase("10m", "2026-03-29T01:07:03.004Z", "2026-03-29T01:00:00Z", "2026-03-29T01:10:00Z")]
    [TestCase("10m", "1969-12-31T23:59:59.999Z", "1969-12-31T23:50:00Z", "1970-01-01T00:00:00Z")]
    [TestCase("1m", "2026-03-29T01:07:00Z", "2026-03-29T01:07:00Z", "2026-03-29T01:08:00Z")]
    public void It_is_at_the_multiples_of_the_duration(string every, string at, string latest, string next)
    {
        var refreshes = Compile(every).Rulebook!.Refreshes;
        var instant = InstantPattern.ExtendedIso.Parse(at).Value;
        Assert.That(refreshes.LatestAt(instant).ToString(), Is.EqualTo(WithoutMilliseconds(latest)));
        Assert.That(refreshes.NextAfter(instant).ToString(), Is.EqualTo(WithoutMilliseconds(next)));
    }

    [Test]
    public void It_is_once_a_day_where_the_rulebook_says_nothing() =>
        Assert.That(Compile(null).Rulebook!.Refreshes.Milliseconds, Is.EqualTo(Duration.FromDays(1).TotalMilliseconds));

    [TestCase("59s")]
    [TestCase("0m")]
    [TestCase("often")]
    [TestCase("24")]
    [TestCase("6months")]
    [TestCase("1h + 1h")]
    public void What_is_no_duration_or_too_short_is_refused(string every) =>
        Assert.That(Compile(every).Errors.Select(error => error.ToString()), Is.EqualTo(
            [$"3:10: population: `{every}` is not how often the population is looked at anew; expected a duration of `1m` or more, such as `24h`"]));

    [Test]
    public void Another_cadence_is_another_rulebook() =>
        Assert.That(Compile("1h").Rulebook!.Version, Is.Not.EqualTo(Compile("2h").Rulebook!.Version).And.Not.EqualTo(Compile(null).Rulebook!.Version));

    private static RulebookCompilation Compile(string? every) =>
        Rulebook.Compile(TestRulebooks.Define([]) with { PopulationEvery = every is null ? null : new(every, new(3, 10)) });

    private static string WithoutMilliseconds(string instant) => InstantPattern.ExtendedIso.Parse(instant).Value.ToString();
}
