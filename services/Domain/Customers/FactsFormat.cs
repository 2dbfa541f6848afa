namespace TaggingPipeline.Domain.Customers;

/// <summary>
/// The canonical binary form of facts, version 1: the fingerprint of the measures, then a table of the texts used in order of first use, then the facts.
/// Whole numbers are base-128 varints (zigzag where they may be negative), instants are kept as differences to the one before, and texts
/// as places in the table, where a UUID in its usual form takes 16 bytes.
/// </summary>
internal static class FactsFormat
{
    public const byte Version = 1;

    /// <summary>What the facts are made of. It is part of every fingerprint, so that facts of an older make are rebuilt from the journal.</summary>
    public const int Form = 2;

    /// <summary>From here on to <see cref="FirstPlace"/>: an amount with so many decimal places.</summary>
    public const int Amount = 12, MostPlaces = FirstPlace - Amount - 1;

    /// <summary>Values that were written before are named by their place from here on. What is less is a kind of value, with which a value starts.</summary>
    public const int FirstPlace = 16;

    /// <summary>Tags in the text table.</summary>
    public const byte Utf8 = 0, Uuid = 1;
}
