using System.Text.RegularExpressions;

namespace CdfProvisioning;

/// <summary>
/// What clients over a network are told: a message without the cmdlets that would help at the server, and without its folders.
/// Both are of no use to them, and the folders are no business of theirs.
/// </summary>
internal static partial class PublicText
{
    public static string Of(string message)
    {
        var text = Place().Replace(message, "$1");
        text = PathOfSystem().Replace(text, "");
        text = PathOfNoFile().Replace(text, "It$1");
        text = PathInParentheses().Replace(text, "");
        if (!text.Contains("-Cdf", StringComparison.Ordinal))
            return text;
        text = Alternative().Replace(text, "($1)");
        text = CmdletInParentheses().Replace(text, "");
        text = Clause().Replace(text, ".");
        return Sentence().Replace(text, "").Trim();
    }

    /// <summary>The registry '/home/me/...'.</summary>
    [GeneratedRegex(@"\b(registry|journal|folder|file|lock|(?:of|to) the path) '(?:/|[A-Za-z]:[\\/])[^']*'")]
    private static partial Regex Place();

    /// <summary>Access to '/home/me/a.pem' is denied. '/home/me/a.pem': Too many open files. No space left on device : '/home/me/a.pem'.</summary>
    [GeneratedRegex(@"(?<=\bAccess) to '(?:/|[A-Za-z]:[\\/])[^']*'|(?<=: )'(?:/|[A-Za-z]:[\\/])[^']*': | : '(?:/|[A-Za-z]:[\\/])[^']*'")]
    private static partial Regex PathOfSystem();

    [GeneratedRegex(@"(?<=: )'(?:/|[A-Za-z]:[\\/])[^']*'( is no regular file)")]
    private static partial Regex PathOfNoFile();

    [GeneratedRegex(@" \((?:/|[A-Za-z]:[\\/])[^)]*\)")]
    private static partial Regex PathInParentheses();

    /// <summary>(New-CdfCertificateAuthority, or RegisterCACertificate)</summary>
    [GeneratedRegex(@"\([A-Z][a-z]+-Cdf\w+, or (\w+)\)")]
    private static partial Regex Alternative();

    [GeneratedRegex(@" \([^()]*\b[A-Z][a-z]+-Cdf[^()]*\)")]
    private static partial Regex CmdletInParentheses();

    /// <summary>... so it cannot sign: New-CdfCertificateAuthority makes one.</summary>
    [GeneratedRegex(@": [^.:]*\b[A-Z][a-z]+-Cdf\w+[^.]*\.")]
    private static partial Regex Clause();

    [GeneratedRegex(@"(?<=^|[.!?] )[^.!?]*\b[A-Z][a-z]+-Cdf\w+[^.]*(?:\.|$) ?")]
    private static partial Regex Sentence();
}
