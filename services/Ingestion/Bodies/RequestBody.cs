using System.Buffers;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using TaggingPipeline.Processing.Events;

namespace TaggingPipeline.Ingestion.Bodies;

/// <summary>A request's body, unpacked, in a pooled buffer that is given back when this is disposed.</summary>
/// <remarks>
/// Never more than the limit and one byte is unpacked, so that a small body that unpacks to a huge one costs no more than a body of the limit.
/// </remarks>
internal sealed class RequestBody : IDisposable
{
    /// <summary>A packed body can be somewhat larger than what is in it; beyond this it holds nothing worth reading.</summary>
    private const int PackingOverhead = 64 * 1024;

    private const int FirstBufferBytes = 4 * 1024;

    private readonly PooledBytes _bytes;

    private RequestBody(PooledBytes bytes, Rejection? fault)
    {
        _bytes = bytes;
        Fault = fault;
    }

    /// <summary>The body, or what was read of it when there is a <see cref="Fault"/>.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.Written is [0xEF, 0xBB, 0xBF, .. var afterByteOrderMark] ? afterByteOrderMark : _bytes.Written;

    /// <summary>Why the body cannot be used, or null.</summary>
    public Rejection? Fault { get; }

    /// <param name="limit">In bytes, of the unpacked body.</param>
    /// <exception cref="BadHttpRequestException">The client broke off, or sent too slowly.</exception>
    public static async Task<RequestBody> ReadAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        var packing = request.Headers.ContentEncoding.ToString().Trim();
        var raw = new PooledBytes((int)Math.Clamp(request.ContentLength + 1 ?? 0, FirstBufferBytes, limit + 1));
        try
        {
            var complete = await raw.FillAsync(request.Body, limit + (packing.Length == 0 ? 0 : PackingOverhead), cancellationToken);
            if (packing.Length > 0 && !IsGzip(packing) && !packing.Equals("identity", StringComparison.OrdinalIgnoreCase))
                return new(raw, new("unsupported-encoding", "Content-Encoding: must be gzip or absent"));
            if (!IsGzip(packing) && !LooksLikeGzip(raw.Written))
                return new(raw, complete && raw.Written.Length <= limit ? null : TooLarge(limit));
            return complete ? await UnpackAsync(raw, limit, cancellationToken) : new(raw, TooLarge(limit));
        }
        catch
        {
            raw.Dispose();
            throw;
        }
    }

    public void Dispose() => _bytes.Dispose();

    private static async Task<RequestBody> UnpackAsync(PooledBytes packed, int limit, CancellationToken cancellationToken)
    {
        var unpacked = new PooledBytes(Math.Min(limit + 1, packed.Written.Length * 4));
        try
        {
            await using var gzip = new GZipStream(packed.AsStream(), CompressionMode.Decompress);
            var complete = await unpacked.FillAsync(gzip, limit, cancellationToken);
            packed.Dispose();
            return new(unpacked, complete ? null : TooLarge(limit));
        }
        catch (InvalidDataException)
        {
            unpacked.Dispose();
            return new(packed, new("not-gzip", "the body is not gzip, although it claims to be"));
        }
        catch
        {
            unpacked.Dispose();
            throw;
        }
    }

    private static bool IsGzip(string packing) =>
        packing.Equals("gzip", StringComparison.OrdinalIgnoreCase) || packing.Equals("x-gzip", StringComparison.OrdinalIgnoreCase);

    /// <remarks>Some clients pack the body and don't say so; no JSON starts with these bytes.</remarks>
    private static bool LooksLikeGzip(ReadOnlySpan<byte> body) => body is [0x1F, 0x8B, ..];

    private static Rejection TooLarge(int limit) => new("body-too-large", $"the body is larger than {limit} bytes");

    /// <summary>Bytes in a pooled array that grows up to a limit.</summary>
    private sealed class PooledBytes(int capacity) : IDisposable
    {
        private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(capacity, 1));
        private int _length;

        public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

        public MemoryStream AsStream() => new(_buffer, 0, _length, writable: false);

        /// <summary>Reads to the end, or to one byte past the limit; true when the end was reached.</summary>
        public async Task<bool> FillAsync(Stream source, int limit, CancellationToken cancellationToken)
        {
            while (_length <= limit)
            {
                if (_length == _buffer.Length)
                    Grow();
                var room = Math.Min(_buffer.Length, limit + 1) - _length;
                var read = await source.ReadAsync(_buffer.AsMemory(_length, room), cancellationToken);
                if (read == 0)
                    return true;
                _length += read;
            }

            return false;
        }

        public void Dispose()
        {
            if (_buffer.Length > 0)
                ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            _length = 0;
        }

        private void Grow()
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
    }
}
