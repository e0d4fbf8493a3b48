namespace CdfProvisioning.Benchmarks;

/// <summary>Prints figures beside what they are measured against.</summary>
internal static class Figure
{
    public static void Heading(string text) => Console.WriteLine($"\n{text}");

    /// <param name="what">What was measured.</param>
    /// <param name="value">Its figure.</param>
    /// <param name="peerName">What it is compared with.</param>
    /// <param name="peer">The peer's figure, from the same run.</param>
    /// <param name="unit">Of both.</param>
    /// <param name="aim">The ratio aimed at, if one is.</param>
    public static void Print(string what, double value, string peerName, double peer, string unit, string? aim = null) => Console.WriteLine(
        $"  {what,-42} {value,10:N0} {unit,-4} {value / peer,6:0.00} of {peerName} ({peer:N0} {unit}){(aim is null ? "" : $"; aim {aim}")}");

    /// <summary>The middle one of several figures: one run alone says little on a machine that others use too.</summary>
    public static double Median(IEnumerable<double> figures)
    {
        var ordered = figures.Order().ToArray();
        return ordered[ordered.Length / 2];
    }
}
