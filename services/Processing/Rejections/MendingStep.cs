using System.Text.Json;
using TaggingPipeline.Processing.Events;
using TaggingPipeline.Processing.Intake;

namespace TaggingPipeline.Processing.Rejections;

/// <summary>What a step made of an event.</summary>
/// <param name="Json">The event afterwards; as it was where the step did not apply or failed.</param>
/// <param name="NotApplied">Why the step does not apply to this event, which is no fault.</param>
/// <param name="Failure">Why it cannot be done although it applies.</param>
internal readonly record struct StepResult(byte[] Json, string? NotApplied = null, string? Failure = null);

/// <summary>One change to a rejected event.</summary>
public abstract record MendingStep
{
    private protected MendingStep()
    {
    }

    internal abstract StepResult ApplyTo(byte[] json);

    /// <summary>Writes its fields as <see cref="MendingSteps.Read"/> reads them.</summary>
    internal abstract void WriteTo(Utf8JsonWriter writer);

    private static StepResult TooMany(byte[] json, FieldPath path) => new(json, Failure: $"`{path}` stands for more than {JsonEdit.MostPlaces} places");

    /// <summary>A field gets a value, whether it is there or not; objects around it are made.</summary>
    internal sealed record Set(FieldPath Path, string Value) : MendingStep
    {
        /// <summary>A large value that is set in each of many items would take all memory there is.</summary>
        private const int MostBytes = 1024 * 1024;

        internal override StepResult ApplyTo(byte[] json)
        {
            var value = System.Text.Encoding.UTF8.GetBytes(Value);
            var result = json;
            string? problem = $"there is no `{Path}`";
            if (JsonEdit.Expand(json, Path) is not { } places)
                return TooMany(json, Path);
            foreach (var (path, _) in places)
            {
                (var set, problem) = JsonEdit.Set(result, path, value);
                result = set ?? result;
                if (result.Length > MostBytes && result.Length > json.Length)
                    return new(json, Failure: $"{Path}: the event would have more than {MostBytes} bytes");
            }

            return ReferenceEquals(result, json) ? new(json, problem) : new(result);
        }

        internal override void WriteTo(Utf8JsonWriter writer)
        {
            writer.WriteString("set", Path.ToString());
            writer.WritePropertyName("value");
            writer.WriteRawValue(Value);
        }
    }

    /// <summary>A field gets another name or place. One that is there already is not replaced.</summary>
    internal sealed record Rename(FieldPath Path, FieldPath To) : MendingStep
    {
        internal override StepResult ApplyTo(byte[] json)
        {
            var result = json;
            var problem = $"there is no `{Path}`";

            if (JsonEdit.Expand(json, Path) is not { } places)
                return TooMany(json, Path);

            // From the last item on, and set before it is removed: a place is that of another item when one before it has gone.
            foreach (var (path, items) in Enumerable.Reverse(places))
            {
                if (JsonEdit.Find(result, path) is not { } value)
                    continue;
                var to = To.At(items);
                if (JsonEdit.Find(result, to) is { Type: not JsonTokenType.Null })
                    problem = $"`{to}` is there already";
                else if (JsonEdit.Set(result, to, value.In(result)) is (var copied, var why) && copied is not null)
                    result = JsonEdit.Remove(copied, path) ?? copied;
                else
                    problem = why;
            }

            return ReferenceEquals(result, json) ? new(json, problem) : new(result);
        }

        internal override void WriteTo(Utf8JsonWriter writer)
        {
            writer.WriteString("rename", Path.ToString());
            writer.WriteString("to", To.ToString());
        }
    }

    /// <summary>A field's value becomes one of another type.</summary>
    /// <param name="Format">Of an instant: a pattern or a unit; null for ISO 8601.</param>
    internal sealed record Convert(FieldPath Path, string To, string? Format) : MendingStep
    {
        private const int MostShown = 60;

        internal override StepResult ApplyTo(byte[] json)
        {
            var result = json;
            var found = false;
            if (JsonEdit.Expand(json, Path) is not { } places)
                return TooMany(json, Path);
            foreach (var (path, _) in places)
            {
                if (JsonEdit.Find(result, path) is not { Type: not JsonTokenType.Null } value)
                    continue;
                found = true;
                if (FieldConversion.Convert(value.In(result), value.Type, To, Format) is not { } converted)
                    return new(json, Failure: $"{path}: {Shown(value.In(result))} cannot be made {(To == FieldConversion.Instant ? "an" : "a")} {To}");
                result = JsonEdit.Replace(result, value, converted);
            }

            return found ? new(result) : new(json, $"there is no `{Path}`");
        }

        internal override void WriteTo(Utf8JsonWriter writer)
        {
            writer.WriteString("convert", Path.ToString());
            writer.WriteString("to", To);
            if (Format is not null)
                writer.WriteString("format", Format);
        }

        private static string Shown(ReadOnlySpan<byte> value)
        {
            var text = System.Text.Encoding.UTF8.GetString(value);
            return text.Length <= MostShown ? text : $"{text[..(char.IsHighSurrogate(text[MostShown - 1]) ? MostShown - 1 : MostShown)]}…";
        }
    }

    /// <summary>A field goes.</summary>
    internal sealed record Drop(FieldPath Path) : MendingStep
    {
        internal override StepResult ApplyTo(byte[] json)
        {
            // From the last item on: a place is that of another item when one before it has gone.
            var result = json;
            if (JsonEdit.Expand(json, Path) is not { } places)
                return TooMany(json, Path);
            foreach (var (path, _) in Enumerable.Reverse(places))
                result = JsonEdit.Remove(result, path) ?? result;
            return ReferenceEquals(result, json) ? new(json, $"there is no `{Path}`") : new(result);
        }

        internal override void WriteTo(Utf8JsonWriter writer) => writer.WriteString("drop", Path.ToString());
    }
}
