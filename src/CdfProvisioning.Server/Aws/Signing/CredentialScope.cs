namespace CdfProvisioning.Server.Aws.Signing;

/// <summary>What a signature is good for: a day, a region and a service.</summary>
/// <param name="Date">The day, UTC, as <c>yyyyMMdd</c>.</param>
/// <param name="Region">The region.</param>
/// <param name="Service">The service, by its signing name.</param>
internal sealed record CredentialScope(string Date, string Region, string Service)
{
    private const string Terminator = "aws4_request";

    /// <param name="parts">The parts of a credential that follow the access key id.</param>
    /// <returns>Null if they are no scope; whether the date is one, the request's shows.</returns>
    public static CredentialScope? Parse(ReadOnlySpan<string> parts) =>
        parts is [var date, { Length: > 0 } region, { Length: > 0 } service, Terminator] ? new(date, region, service) : null;

    public override string ToString() => $"{Date}/{Region}/{Service}/{Terminator}";
}
