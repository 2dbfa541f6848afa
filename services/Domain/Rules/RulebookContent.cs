using System.Security.Cryptography;
using System.Text;

namespace TaggingPipeline.Domain.Rules;

/// <summary>What a rulebook's version stands for.</summary>
internal static class RulebookContent
{
    /// <summary>The first 12 hexadecimal digits of a SHA-256 over everything that the definition says, positions apart.</summary>
    public static string Hash(RulebookDefinition definition)
    {
        var text = new StringBuilder();
        void Add(SourceText? part) => text.Append(part?.Text.Length ?? -1).Append(':').Append(part?.Text).Append('\n');

        void AddOption(string name, SourceText? option)
        {
            if (option is null)
                return;
            text.Append(name).Append('=');
            Add(option);
        }

        Add(definition.Name);
        Add(definition.TimeZone);
        foreach (var (name, kind) in definition.Events)
        {
            Add(name);
            Add(kind);
        }

        foreach (var tag in definition.Tags)
        {
            Add(tag.Key);
            Add(tag.Name);
            Add(tag.Category);
            Add(tag.When);
            Add(tag.Value);
            foreach (var tier in tag.Tiers)
            {
                Add(tier.Name);
                Add(tier.Condition);
            }

            if (tag.Manual is not null)
            {
                text.Append("manual=");
                foreach (var value in tag.Manual.Values)
                    Add(value);
            }

            AddOption("description", tag.Description);
            AddOption("owner", tag.Owner);
            AddOption("enabled", tag.Enabled);
            AddOption("group", tag.Group);
            AddOption("hold", tag.Hold);
            AddOption("expires", tag.Expires);
            text.Append('\n');
        }

        foreach (var segment in definition.Segments)
        {
            Add(segment.Key);
            Add(segment.Name);
            Add(segment.When);
        }

        if (definition.Currency is not null)
        {
            text.Append("currency ");
            Add(definition.Currency);
            foreach (var (currency, rate) in definition.Rates)
            {
                Add(currency);
                Add(rate);
            }
        }

        if (definition.PopulationEvery is { } every)
        {
            text.Append("population ");
            Add(every);
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..12];
    }
}
