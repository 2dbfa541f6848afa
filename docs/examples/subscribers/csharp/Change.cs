using System.Text.Json;

namespace TaggingPipeline.ExampleSubscriber;

/// <summary>A change as it comes: of CloudEvents' members and the change's data, those that this subscriber needs.</summary>
/// <param name="Id">The same whenever the change is delivered again.</param>
/// <param name="Type"><c>tag.added</c>, <c>tag.changed</c>, <c>tag.removed</c>, <c>segment.entered</c> or <c>segment.exited</c>.</param>
/// <param name="Subject">The customer.</param>
/// <param name="Sequence">Per customer, from 1, without gaps; changes of tags and of segments are numbered apart.</param>
/// <param name="KeySequence">The same per customer and key: what a subscriber to one key checks.</param>
public sealed record Change(string Id, string Type, string Subject, DateTimeOffset Time, long Sequence, long KeySequence, string Cause, ChangeData Data);

/// <param name="Key">The tag or segment.</param>
public sealed record ChangeData(string Key, JsonElement? Previous, JsonElement? Value);
