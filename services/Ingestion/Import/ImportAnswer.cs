namespace TaggingPipeline.Ingestion.Import;

/// <summary>What became of an import.</summary>
/// <param name="Accepted">How many events are new and safe.</param>
/// <param name="Duplicate">How many are known already, or came earlier in the same request.</param>
/// <param name="Rejected">How many cannot be accepted; they are kept aside.</param>
/// <param name="Results">The rejected ones, in order.</param>
internal sealed record ImportAnswer(int Accepted, int Duplicate, int Rejected, IReadOnlyList<ImportRejection> Results);

/// <summary>An event of an import that cannot be accepted.</summary>
/// <param name="Index">Its position in the request, from 0; blank lines don't count.</param>
internal sealed record ImportRejection(int Index, string Code, string Reason);
