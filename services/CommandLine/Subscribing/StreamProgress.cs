namespace TaggingPipeline.CommandLine.Subscribing;

/// <summary>How far the feed was read, in a file if there shall be one.</summary>
/// <remarks>Replaced as a whole, so that a crash leaves the old one or the new one.</remarks>
internal sealed class StreamProgress
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly string? _path;
    private readonly TimeProvider _clock;
    private string? _saved;
    private long _savedAt;

    private StreamProgress(string? path, string? position, TimeProvider clock) => (_path, _clock, Position, _saved) = (path, clock, position, position);

    /// <summary>Null to start from now.</summary>
    public string? Position { get; private set; }

    /// <param name="after">Where to start if there is no file yet.</param>
    /// <exception cref="CommandException">The file cannot be read, or is something else.</exception>
    public static async Task<StreamProgress> OpenAsync(string? path, string? after, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (path is null || !File.Exists(path))
            return new(path, after, clock);
        try
        {
            var kept = (await File.ReadAllTextAsync(path, cancellationToken)).Trim();
            return kept.Length > 0 && kept.All(char.IsAsciiDigit) ? new(path, kept, clock) : throw new CommandException($"{path} holds no position in the feed");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{path} cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>Everything up to that position was shown.</summary>
    public void Advance(string position)
    {
        Position = position;
        if (_savedAt == 0 || _clock.GetElapsedTime(_savedAt) >= Pause)
            Save();
    }

    /// <exception cref="CommandException">The file cannot be written.</exception>
    public void Save()
    {
        if (_path is null || Position is null || Position == _saved)
            return;
        try
        {
            File.WriteAllText(_path + ".new", Position + "\n");
            File.Move(_path + ".new", _path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{_path} cannot be written: {failure.Message}", failure);
        }

        (_saved, _savedAt) = (Position, _clock.GetTimestamp());
    }
}
