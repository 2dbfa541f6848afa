namespace TaggingPipeline.Contracts;

/// <summary>The queues that the services read, by what is sent to them.</summary>
public static class QueueNames
{
    /// <summary><see cref="EventBatch"/> of any customers, read by rule evaluation.</summary>
    public const string Events = "tagging-events";

    /// <summary><see cref="TagsChangedBatch"/>, read by projection.</summary>
    public const string TagChanges = "tagging-tag-changes";

    /// <summary><see cref="EventsRejected"/>, read by projection, which keeps them.</summary>
    public const string Rejections = "tagging-rejections";

    /// <summary><see cref="EventBatch"/> of the customers of one partition, read by the evaluator that takes care of them. For ingestion: others send to <see cref="Events"/>.</summary>
    /// <param name="partition">From 0; the queues are numbered from 1.</param>
    public static string EventsOf(int partition) => $"{Events}-{partition + 1}";
}
