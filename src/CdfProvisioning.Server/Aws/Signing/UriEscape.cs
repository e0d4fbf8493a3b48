using System.Globalization;
using System.Text;

namespace CdfProvisioning.Server.Aws.Signing;

/// <summary>The percent-encoding of AWS's signatures: all but letters, digits and <c>-._~</c> (RFC 3986).</summary>
internal static class UriEscape
{
    /// <summary>Encodes each byte of the text's UTF-8.</summary>
    /// <param name="text">The text.</param>
    /// <param name="keepsSlash">Whether a slash stays, as it does in paths.</param>
    public static string Encode(string text, bool keepsSlash = false)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var b in Encoding.UTF8.GetBytes(text))
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~' || (keepsSlash && b == '/'))
                encoded.Append((char)b);
            else
                encoded.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        return encoded.ToString();
    }
}
