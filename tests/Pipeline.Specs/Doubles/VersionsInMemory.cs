using NodaTime;
using TaggingPipeline.Processing.Rulebooks;

namespace TaggingPipeline.Pipeline.Specs.Doubles;

/// <summary>Versions of the rulebook, for processes that are all in one.</summary>
internal sealed class VersionsInMemory : IRulebookVersions
{
    private readonly Lock _gate = new();
    private readonly List<PublishedRulebook> _versions = [];
    private long? _paused;

    /// <summary>How often the latest was asked for.</summary>
    public int Asked { get; private set; }

    /// <summary>Raised before a version is appended.</summary>
    public Action BeforeAppend { get; set; } = () => { };

    /// <summary>Raised before it is told which roll-over waits.</summary>
    public Action BeforePaused { get; set; } = () => { };

    /// <summary>Raised after the latest was looked up, before it is told.</summary>
    public Action AfterLatest { get; set; } = () => { };

    /// <summary>Publishes texts one after the other.</summary>
    public static VersionsInMemory Of(params string[] contents)
    {
        var versions = new VersionsInMemory();
        foreach (var content in contents)
            versions.Publish(content);
        return versions;
    }

    public void Publish(string content)
    {
        var (rulebook, errors) = RulebookFile.Compile(content);
        Assert.That(errors, Is.Empty);
        _versions.Add(new(new(_versions.Count + 1, rulebook!.Name, rulebook.ContentHash, "anna", "", RulebookVersion.OfApi, Instant.FromUnixTimeSeconds(0)), content));
    }

    /// <summary>A process that has that version in force, whatever was published since.</summary>
    public CurrentRulebook At(long number)
    {
        var current = new CurrentRulebook(this);
        current.Replace(RulebookFile.Compile(_versions[(int)number - 1].Content).Rulebook!.Numbered(number));
        return current;
    }

    public Task<bool> AppendAsync(PublishedRulebook published, CancellationToken cancellationToken)
    {
        BeforeAppend();
        lock (_gate)
        {
            if (published.Version.Number != _versions.Count + 1)
                return Task.FromResult(false);
            _versions.Add(published);
            return Task.FromResult(true);
        }
    }

    public Task<PublishedRulebook?> LatestAsync(long after, CancellationToken cancellationToken)
    {
        PublishedRulebook? latest;
        lock (_gate)
        {
            Asked++;
            latest = _versions.Count > after ? _versions[^1] : null;
        }

        AfterLatest();
        return Task.FromResult(latest);
    }

    public Task<PublishedRulebook?> FindAsync(long number, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult(number >= 1 && number <= _versions.Count ? _versions[(int)number - 1] : null);
    }

    public Task<RulebookVersion?> FindContentAsync(string contentHash, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult(_versions.FindLast(version => version.Version.ContentHash == contentHash)?.Version);
    }

    public Task<IReadOnlyList<RulebookVersion>> ListAsync(long? before, int limit, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult<IReadOnlyList<RulebookVersion>>([.. _versions.Select(version => version.Version).Reverse().Where(version => before is null || version.Number < before).Take(limit)]);
    }

    public Task<long?> PausedAsync(CancellationToken cancellationToken)
    {
        BeforePaused();
        return Task.FromResult(_paused);
    }

    public Task PauseAsync(long? number, CancellationToken cancellationToken)
    {
        _paused = number;
        return Task.CompletedTask;
    }
}
