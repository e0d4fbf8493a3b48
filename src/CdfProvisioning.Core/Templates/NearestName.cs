namespace CdfProvisioning.Templates;

/// <summary>Finds the name that was meant by one that there is not.</summary>
internal static class NearestName
{
    /// <returns>The name most like it; null if none is.</returns>
    public static string? Of(string name, IEnumerable<string> names)
    {
        var plain = Plain(name);
        var best = names
            .Select(other => (Name: other, Distance: Distance(plain, Plain(other))))
            .OrderBy(other => other.Distance)
            .ThenBy(other => other.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        if (best.Name is null || best.Distance >= plain.Length)
            return null;
        var beginsAlike = char.ToUpperInvariant(best.Name[0]) == plain[0];
        return best.Distance <= Math.Max(plain.Length, best.Name.Length) / (beginsAlike ? 2 : 3) + 1 ? best.Name : null;
    }

    /// <summary>Letters and digits alone: 'Serial No.' is as good as 'serial_no'.</summary>
    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit).Select(char.ToUpperInvariant));

    /// <summary>How many letters have to be added, left out, changed or swapped; of a beginning (serialNo, serialNumber) nothing for the rest.</summary>
    private static int Distance(string a, string b)
    {
        if (Math.Min(a.Length, b.Length) >= 4 && (a.StartsWith(b, StringComparison.Ordinal) || b.StartsWith(a, StringComparison.Ordinal)))
            return 1;
        if (Math.Abs(a.Length - b.Length) > 8 || Math.Max(a.Length, b.Length) > 64)
            return int.MaxValue;

        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                var change = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(change, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }

        return rows[a.Length, b.Length];
    }
}
