namespace TaggingPipeline.CommandLine.Mapping;

/// <summary>A number computed from a row's columns, such as <c>Quantity * UnitPrice</c>; exact, in decimals.</summary>
/// <remarks>Total: where a column it needs is empty there is no number, and what cannot be computed is a problem of the row.</remarks>
internal abstract record Amount
{
    private protected Amount()
    {
    }

    /// <summary>The number, or null where there is none.</summary>
    public decimal? Of(RowUnderMapping row)
    {
        try
        {
            return Compute(row);
        }
        catch (OverflowException)
        {
            row.Fail("a computed number lies outside ±7.9e28");
            return null;
        }
    }

    /// <exception cref="OverflowException">The number is too large for a decimal.</exception>
    protected internal abstract decimal? Compute(RowUnderMapping row);
}

internal sealed record ConstantAmount(decimal Number) : Amount
{
    protected internal override decimal? Compute(RowUnderMapping row) => Number;
}

internal sealed record ColumnAmount(int Column) : Amount
{
    protected internal override decimal? Compute(RowUnderMapping row) => row.Number(Column);
}

internal sealed record SumAmount(Amount Left, Amount Right) : Amount
{
    protected internal override decimal? Compute(RowUnderMapping row) => Left.Compute(row) + Right.Compute(row);
}

internal sealed record ProductAmount(Amount Left, Amount Right) : Amount
{
    protected internal override decimal? Compute(RowUnderMapping row) => Left.Compute(row) * Right.Compute(row);
}

internal sealed record NegatedAmount(Amount Operand) : Amount
{
    protected internal override decimal? Compute(RowUnderMapping row) => -Operand.Compute(row);
}

internal sealed record AbsoluteAmount(Amount Operand) : Amount
{
    protected internal override decimal? Compute(RowUnderMapping row) => Operand.Compute(row) is { } number ? Math.Abs(number) : null;
}
