using System.Text.RegularExpressions;

namespace CdfProvisioning.Server.Hosting;

/// <summary>A request that was answered: what a log may know of it.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path, percent-encoded.</param>
/// <param name="Route">The route that served it.</param>
/// <param name="Status">The HTTP status of the answer.</param>
/// <param name="Elapsed">From its headers to the end of its answer.</param>
/// <param name="RequestId">Its id.</param>
/// <param name="Client">The address of who asked.</param>
/// <param name="Failure">What went wrong, if the server is to blame or who looks after it has to see to it.</param>
internal sealed partial record ServedRequest(string Method, string Path, string Route, int Status, TimeSpan Elapsed, string RequestId, string? Client, string? Failure)
{
    private const int MaxPathLength = 200;

    public override string ToString()
    {
        var path = Path.Length <= MaxPathLength ? Path : $"{Path.AsSpan(0, MaxPathLength)}...";
        var line = $"{Method} {path} {Status} {Elapsed.TotalMilliseconds:0.0} ms {RequestId}";
        return Unprintable().Replace(Failure is null ? line : $"{line}: {Failure}", c => $"\\u{(int)c.Value[0]:X4}");
    }

    /// <summary>Client ids, topics and certificates can have what steers a terminal, or looks like a line of its own.</summary>
    [GeneratedRegex(@"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]")]
    private static partial Regex Unprintable();
}

/// <summary>What who looks after the server has to know of a request beside its answer, which may show only after it: a feature of its context.</summary>
internal sealed record ServerNote(Task<string?> Text);
