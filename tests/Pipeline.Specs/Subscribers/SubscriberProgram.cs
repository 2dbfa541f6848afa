using System.Text.Json;
using TaggingPipeline.Contracts;
using TaggingPipeline.Pipeline.Specs.Processes;

namespace TaggingPipeline.Pipeline.Specs.Subscribers;

/// <summary>A subscriber as a process of its own, which appends what it gets to a file as lines of JSON.</summary>
internal sealed class SubscriberProgram : IAsyncDisposable
{
    /// <summary>Debian's, for which Debian's pika is.</summary>
    private const string Python = "/usr/bin/python3";

    private readonly string _file;
    private readonly string _program;
    private readonly string[] _arguments;
    private RunningProcess? _process;

    private SubscriberProgram(string name, string file, string program, params string[] arguments) => (Name, _file, _program, _arguments) = (name, file, program, arguments);

    public string Name { get; }

    public bool HasExited => _process is null or { HasExited: true };

    /// <summary>The example with MassTransit.</summary>
    /// <param name="bus">The setting <c>Bus</c>.</param>
    public static SubscriberProgram InCSharp(string bus, string queue, string file, params string[] patterns) => new(
        "C#", file, "dotnet", [Path.Combine(AppContext.BaseDirectory, "TaggingPipeline.ExampleSubscriber.dll"), bus, queue, file, .. patterns]);

    /// <summary>The example with pika, in which there is nothing of .NET.</summary>
    public static SubscriberProgram InPython(string bus, string queue, string file, params string[] patterns) => new(
        "Python", file, Python, [Path.Combine(Root(), "docs/examples/subscribers/python/subscriber.py"), bus.Replace("rabbitmq://", "amqp://", StringComparison.Ordinal), queue, file, .. patterns]);

    /// <summary>The command over server-sent events, from the first change on; what it writes is appended to the file.</summary>
    public static SubscriberProgram OfTheCommand(string url, string file) => new(
        "tagging subscribe", file, "/bin/sh",
        "-c", """[ ! -s "$2" ] || echo >> "$2"; exec dotnet "$0" subscribe --url "$1" --after 0 --state "$2.position" --format jsonl >> "$2" """,
        Path.Combine(AppContext.BaseDirectory, "tagging.dll"), url, file);

    /// <summary>Starts it, or starts it again, and does not wait.</summary>
    public async Task BeginAsync()
    {
        await DisposeAsync();
        _process = RunningProcess.Start(_program, _arguments);
    }

    public Task KillAsync() => _process!.KillAsync();

    /// <summary>What it has written so far, the last line left out if it is not finished, and what a kill cut off in the middle.</summary>
    public IReadOnlyList<ChangeEnvelope> Record()
    {
        if (!File.Exists(_file))
            return [];
        using var reader = new StreamReader(new FileStream(_file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = reader.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Read).OfType<ChangeEnvelope>()];
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
            return;
        await _process.DisposeAsync();
        if (_process.Errors.Length > 0)
            TestContext.Out.WriteLine($"{Name} wrote: {_process.Errors}");
    }

    /// <summary>The example in C# keeps a part of the envelope only.</summary>
    private static ChangeEnvelope? Read(string line)
    {
        try
        {
            var change = JsonSerializer.Deserialize<JsonElement>(line);
            return new()
            {
                Id = change.GetProperty("id").GetString()!,
                Source = "",
                Type = change.GetProperty("type").GetString()!,
                Subject = change.GetProperty("subject").GetString()!,
                Time = change.GetProperty("time").GetDateTimeOffset(),
                Sequence = change.GetProperty("sequence").GetInt64(),
                KeySequence = change.TryGetProperty("keysequence", out var sequence) ? sequence.GetInt64() : change.GetProperty("keySequence").GetInt64(),
                Cause = change.GetProperty("cause").GetString()!,
                Data = new() { Key = change.GetProperty("data").GetProperty("key").GetString()!, Since = default, Rulebook = "", Reason = new() { Text = "", Clauses = [], Events = [] } },
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "TaggingPipeline.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests do not run within a clone.");
    }
}
