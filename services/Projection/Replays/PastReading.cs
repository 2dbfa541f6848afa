using Microsoft.AspNetCore.Http;
using NodaTime;
using TaggingPipeline.Domain.Rules;
using TaggingPipeline.Processing.Customers;
using TaggingPipeline.Processing.Projections;
using TaggingPipeline.Processing.Replays;
using TaggingPipeline.Processing.Rulebooks;
using TaggingPipeline.Projection.Queries;

namespace TaggingPipeline.Projection.Replays;

/// <summary>Answers what customers and segments were at an instant of the past.</summary>
internal sealed class PastReading(ICustomerDocuments documents, ISegmentHistory history, PastReader past)
{
    public const string History = "history";
    public const string Journal = "journal";

    /// <summary>Of so many customers a page of members is made at most, whether they are members or not.</summary>
    private const int MostRecomputed = 2_000;

    private const int PageSize = 200;

    /// <summary>What is wrong with how the past is asked for; null if nothing is.</summary>
    public static IResult? ProblemWith(Instant? at, string? by, string? verify) =>
        by is not (null or History or Journal) ? Problems.BadChoice("by", by, History, Journal)
        : verify is not (null or "true" or "false") ? Problems.BadChoice("verify", verify, "true", "false")
        : at is null && (by is not null || verify is not null) ? Problems.MissingInstant(by is not null ? "by" : "verify")
        : null;

    public async Task<IResult> ReadTagsAsync(string customer, Instant at, string by, bool verify, CancellationToken cancellationToken)
    {
        if ((await documents.LoadAsync([customer], cancellationToken)).Count == 0)
            return Problems.UnknownCustomer(customer);
        var recorded = by == History || verify ? (await past.ReadRecordedAsync(customer, at, cancellationToken)).Select(PastTag.Of).ToArray() : [];
        if (by == History && !verify)
            return QueryJson.Answer(new PastTags(recorded, null, at.ToDateTimeOffset(), by, null, null, null));
        var (number, rulebook) = await past.RulebookAtAsync(at, cancellationToken);
        if (rulebook is null)
            return Problems.UnreadableVersion("at", number);
        var found = await past.RecomputeAsync([customer], at, rulebook, cancellationToken).FirstOrDefaultAsync(cancellationToken);
        var recomputed = found is null ? [] : PastTag.Of(found);
        return QueryJson.Answer(new PastTags(
            by == History ? recorded : recomputed, null, at.ToDateTimeOffset(), by, rulebook.DecidesAs, found?.Late ?? 0,
            verify ? PastTag.Compare(recorded, recomputed) : null));
    }

    /// <param name="key">Of a segment of today's rulebook. It had the definition of that day then, and no members if there was none.</param>
    /// <param name="after">The last customer of the page before; null for the first page.</param>
    public async Task<IResult> ReadMembersAsync(string key, Instant at, string? after, int limit, bool verify, CancellationToken cancellationToken)
    {
        var members = new List<string>();
        var differences = new List<PastMembershipDifference>();
        var (number, rulebook) = await past.RulebookAtAsync(at, cancellationToken);
        if (rulebook is null)
            return Problems.UnreadableVersion("at", number);
        var segment = rulebook.Segments.FirstOrDefault(segment => segment.Key == key);
        var looked = 0;
        var isEnd = false;
        while (!isEnd && members.Count < limit && looked < MostRecomputed)
        {
            var page = await documents.IdsAsync(after, Math.Min(PageSize, limit - members.Count), cancellationToken);
            isEnd = page.Count == 0;
            if (isEnd)
                break;
            var recomputed = new Dictionary<string, PastCustomer>(StringComparer.Ordinal);
            await foreach (var each in past.RecomputeAsync(page, at, rulebook, cancellationToken))
                recomputed.Add(each.Customer, each);
            var recorded = verify
                ? (await history.MembersAtAsync(key, at, after, page.Count, cancellationToken)).Select(member => member.Customer).ToHashSet(StringComparer.Ordinal)
                : null;
            foreach (var customer in page)
            {
                var isMember = recomputed.TryGetValue(customer, out var known) && segment is not null && known.IsIn(segment);
                if (isMember)
                    members.Add(customer);
                if (recorded is not null && recorded.Contains(customer) != isMember)
                    differences.Add(new(customer, !isMember, isMember, known?.Late ?? 0));
            }

            looked += page.Count;
            after = page[^1];
        }

        return QueryJson.Answer(new PastMembers(
            members, isEnd ? null : MemberCursor.OfPast(at, after!).ToString(), at.ToDateTimeOffset(), Journal, rulebook.DecidesAs, verify ? differences : null));
    }
}
