using Microsoft.Extensions.Options;
using TaggingPipeline.ServiceDefaults.Settings;

namespace TaggingPipeline.Ingestion.Access;

/// <summary>Who may send, and how fast.</summary>
internal sealed class AccessKeys
{
    public AccessKeys(IOptions<TaggingSettings> settings, TimeProvider clock)
    {
        Write = new(settings.Value.WriteKeys);
        Api = new(settings.Value.ApiKeys);
        WriteRate = new(settings.Value.EventsPerSecond, Write.Count, clock);
    }

    /// <summary>Of shops that send behaviour: good for the tracking endpoints alone, since it stands in every page.</summary>
    public KeyRing Write { get; }

    /// <summary>Of whoever may use <c>/api</c>.</summary>
    public KeyRing Api { get; }

    /// <summary>By the position of the write key.</summary>
    public RateLimit WriteRate { get; }
}
