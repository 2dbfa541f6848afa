using System.Collections;

namespace TaggingPipeline.Domain.Customers;

/// <summary>Something in which something is due at an instant.</summary>
internal interface IDue
{
    /// <summary>In milliseconds since the Unix epoch; the largest for never.</summary>
    long Due { get; }
}

/// <summary>An immutable list of fixed length, in chunks of sixteen.</summary>
/// <remarks>
/// Versions share the chunks in which they are alike, and each chunk knows when something in it is due first: so neither changing a few items, nor finding out what changed or
/// what is due, goes through all of them.
/// </remarks>
internal sealed class DueList<T> : IReadOnlyList<T>
    where T : IDue
{
    public const int ChunkSize = 16;

    private readonly Chunk[] _chunks;

    private DueList(Chunk[] chunks, int count)
    {
        (_chunks, Count, Due) = (chunks, count, long.MaxValue);
        foreach (var chunk in chunks)
            Due = Math.Min(Due, chunk.Due);
    }

    public static DueList<T> Empty { get; } = new([], 0);

    public int Count { get; }

    /// <summary>When something in it is due first.</summary>
    public long Due { get; }

    public int Chunks => _chunks.Length;

    public T this[int index] => _chunks[index / ChunkSize].Items[index % ChunkSize];

    public static DueList<T> Of(ReadOnlySpan<T> items)
    {
        var chunks = new Chunk[(items.Length + ChunkSize - 1) / ChunkSize];
        for (var i = 0; i < chunks.Length; i++)
            chunks[i] = new(items[(i * ChunkSize)..Math.Min(items.Length, (i + 1) * ChunkSize)].ToArray());
        return chunks.Length == 0 ? Empty : new(chunks, items.Length);
    }

    /// <summary>The items of a chunk; the first has the index sixteen times the chunk's.</summary>
    public ReadOnlySpan<T> ItemsOf(int chunk) => _chunks[chunk].Items;

    /// <summary>When something in a chunk is due first.</summary>
    public long DueOf(int chunk) => _chunks[chunk].Due;

    /// <summary>Whether two versions share a chunk. If they do not, they may still be alike there.</summary>
    public bool Shares(DueList<T> other, int chunk) => ReferenceEquals(_chunks[chunk], other._chunks[chunk]);

    public Editor Edit() => new(this);

    public IEnumerator<T> GetEnumerator()
    {
        foreach (var chunk in _chunks)
        {
            foreach (var item in chunk.Items)
                yield return item;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Makes another version. To be passed by reference.</summary>
    public struct Editor(DueList<T> before)
    {
        private Chunk[]? _chunks;

        public T this[int index]
        {
            readonly get => (_chunks ?? before._chunks)[index / ChunkSize].Items[index % ChunkSize];
            set
            {
                _chunks ??= (Chunk[])before._chunks.Clone();
                ref var chunk = ref _chunks[index / ChunkSize];
                if (ReferenceEquals(chunk, before._chunks[index / ChunkSize]))
                    chunk = new([.. chunk.Items]);
                chunk.Set(index % ChunkSize, value);
            }
        }

        public readonly int Chunks => before._chunks.Length;

        /// <summary>As <see cref="DueList{T}.ItemsOf"/>, of the version as it is so far; good until an item of the chunk is set.</summary>
        public readonly ReadOnlySpan<T> ItemsOf(int chunk) => (_chunks ?? before._chunks)[chunk].Items;

        /// <summary>When something in a chunk is due first, as it is so far.</summary>
        public readonly long DueOf(int chunk) => (_chunks ?? before._chunks)[chunk].Due;

        /// <summary>The version made; the one before if nothing was set. The editor is not to be used after that.</summary>
        public readonly DueList<T> ToList() => _chunks is null ? before : new(_chunks, before.Count);
    }

    private sealed class Chunk(T[] items)
    {
        private const long Unknown = long.MinValue + 1;

        private long _due = Unknown;

        public T[] Items => items;

        /// <summary>Reckoned by whoever makes the chunk, before others have it.</summary>
        public long Due => _due == Unknown ? _due = Reckon() : _due;

        public void Set(int place, T item)
        {
            items[place] = item;
            _due = Unknown;
        }

        private long Reckon()
        {
            var due = long.MaxValue;
            foreach (var item in items)
                due = Math.Min(due, item.Due);
            return due;
        }
    }
}
