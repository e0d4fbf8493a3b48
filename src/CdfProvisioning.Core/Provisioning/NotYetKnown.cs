using System.Security.Cryptography;
using System.Text;

namespace CdfProvisioning.Provisioning;

/// <summary>
/// What stands in a plan for a value that an extension will fill in: two texts of its shape, so that all checks can be made, which
/// have not a digit in common. What a template makes of them is known where it is the same with both.
/// </summary>
internal static class NotYetKnown
{
    /// <summary>How a plan shows it.</summary>
    public const string Text = "(known after registration)";

    private static readonly string Id = string.Concat(RandomNumberGenerator.GetItems<char>("0123456789abcdef", 64));

    public static PlannedValue CertificateId { get; } = Of(Id);

    public static PlannedValue CertificateArn { get; } = ArnOf(CertificateId);

    public static PlannedValue CertificatePem { get; } = Of(Certificates.Pem.Encode("CERTIFICATE", RandomNumberGenerator.GetBytes(600)));

    /// <summary>The ARN of a certificate, whose id may be known.</summary>
    public static PlannedValue ArnOf(PlannedValue certificateId) => Of("arn:aws:iot:us-east-1:123456789012:cert") is var (one, other)
        ? new($"{one}/{certificateId.One}", $"{other}/{certificateId.Other}")
        : default;

    /// <summary>What to stand for each parameter that extensions fill in.</summary>
    public static PlannedValue InPlaceOf(string parameter) => parameter switch
    {
        "CertificateId" => CertificateId,
        "CertificateArn" => CertificateArn,
        _ => CertificatePem,
    };

    private static PlannedValue Of(string one) => new(one, Other(one));

    /// <summary>Another text of the same shape: letters and digits are others everywhere, hexadecimal ones stay hexadecimal.</summary>
    private static string Other(string text)
    {
        var other = new StringBuilder(text);
        for (var i = 0; i < other.Length; i++)
            other[i] = text[i] switch
            {
                >= '0' and <= '9' and var digit => (char)('0' + ((digit - '0' + 5) % 10)),
                >= 'a' and <= 'f' and var hex => (char)('a' + ((hex - 'a' + 3) % 6)),
                >= 'g' and <= 'z' and var letter => (char)('g' + ((letter - 'g' + 10) % 20)),
                >= 'A' and <= 'Z' and var capital => (char)('A' + ((capital - 'A' + 13) % 26)),
                var separator => separator,
            };
        return other.ToString();
    }
}

/// <summary>A value in a plan: as good as known if both texts are the same.</summary>
internal readonly record struct PlannedValue(string One, string Other)
{
    public static PlannedValue Known(string text) => new(text, text);
}
