namespace TaggingPipeline.Ingestion.Safekeeping;

/// <summary>What became of something handed in to be made safe; the later, the worse.</summary>
internal enum Keeping
{
    /// <summary>It survives a crash of any process.</summary>
    Safe,

    /// <summary>It was not taken, because too much is waiting already.</summary>
    Full,

    /// <summary>It is not known to be safe. It may be all the same: sending it again is harmless.</summary>
    Unavailable,
}

/// <summary>An item and about how much memory and how much of a message it takes.</summary>
internal readonly record struct Weighed<T>(T Item, int Bytes);
