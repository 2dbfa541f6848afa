namespace TaggingPipeline.Contracts;

/// <summary>The queues that the services read, by what is sent to them.</summary>
public static class QueueNames
{
    /// <summary><see cref="EventBatch"/>, read by rule evaluation.</summary>
    public const string Events = "tagging-events";

    /// <summary><see cref="TagsChangedBatch"/>, read by projection.</summary>
    public const string TagChanges = "tagging-tag-changes";

    /// <summary><see cref="EventsRejected"/>, read by projection, which keeps them.</summary>
    public const string Rejections = "tagging-rejections";
}
