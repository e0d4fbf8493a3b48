using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.Aws.Signing;

/// <summary>What a request says of its own signature (AWS General Reference, Signature Version 4), in a header or, presigned, in its query.</summary>
/// <param name="AccessKeyId">Whose it is.</param>
/// <param name="Scope">What it is good for.</param>
/// <param name="SignedHeaders">The names of the headers that it is made of, in lower case and in order.</param>
/// <param name="Signature">The signature, in hexadecimal digits.</param>
/// <param name="Time">When it was made.</param>
/// <param name="Lifetime">How long a presigned URL is valid; null for a signature in a header.</param>
/// <param name="SessionToken">That of temporary credentials.</param>
internal sealed record RequestSignature(
    string AccessKeyId, CredentialScope Scope, IReadOnlyList<string> SignedHeaders, string Signature, DateTimeOffset Time,
    TimeSpan? Lifetime, string? SessionToken)
{
    public const string Algorithm = "AWS4-HMAC-SHA256";
    public const string DateTimeFormat = "yyyyMMdd'T'HHmmss'Z'";
    public const string AlgorithmParameter = "X-Amz-Algorithm";
    public const string CredentialParameter = "X-Amz-Credential";
    public const string DateParameter = "X-Amz-Date";
    public const string ExpiresParameter = "X-Amz-Expires";
    public const string SignedHeadersParameter = "X-Amz-SignedHeaders";
    public const string SignatureParameter = "X-Amz-Signature";
    public const string TokenParameter = "X-Amz-Security-Token";

    private const int SignatureLength = 64;
    private const int MaxLifetimeSeconds = 7 * 24 * 60 * 60;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>The last is botocore's.</summary>
    private static readonly string[] DateFormats = [DateTimeFormat, "R", "ddd, dd MMM yyyy HH:mm:ss '-0000'"];

    public bool IsPresigned => Lifetime is not null;

    /// <summary>When it was made, in the form that is signed, whatever the one that was sent.</summary>
    public string DateTime => Time.UtcDateTime.ToString(DateTimeFormat, CultureInfo.InvariantCulture);

    /// <returns>Null if the request has no signature of version 4.</returns>
    /// <exception cref="SignatureException">Incomplete.</exception>
    public static RequestSignature? Find(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith(Algorithm, StringComparison.Ordinal))
            return FromHeader(request, authorization[Algorithm.Length..]);
        return request.Query[AlgorithmParameter] == Algorithm ? FromQuery(request) : null;
    }

    private static RequestSignature FromHeader(HttpRequest request, string parameters)
    {
        return Read(
            Find, ("Credential", "SignedHeaders", "Signature"),
            NullIfEmpty(request.Headers["x-amz-date"].ToString()) ?? request.Headers.Date.ToString(),
            lifetime: null, NullIfEmpty(request.Headers["x-amz-security-token"].ToString()));

        string? Find(string name)
        {
            string? found = null;
            foreach (var range in parameters.AsSpan().Split(','))
                if (parameters.AsSpan(range).Trim() is var part && part.StartsWith(name) && part[name.Length..] is ['=', .. var value])
                    found = value.ToString();
            return found;
        }
    }

    private static RequestSignature FromQuery(HttpRequest request)
    {
        var query = request.Query;
        if (!int.TryParse(query[ExpiresParameter], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds is < 1 or > MaxLifetimeSeconds)
            throw Incomplete($"{ExpiresParameter} must be a number of seconds from 1 to {MaxLifetimeSeconds}.");
        return Read(
            name => NullIfEmpty(query[name].ToString()), (CredentialParameter, SignedHeadersParameter, SignatureParameter),
            query[DateParameter].ToString(), TimeSpan.FromSeconds(seconds), NullIfEmpty(query[TokenParameter].ToString()));
    }

    private static RequestSignature Read(
        Func<string, string?> find, (string Credential, string SignedHeaders, string Signature) names, string dateTime, TimeSpan? lifetime, string? token)
    {
        var credential = Get(names.Credential).Split('/');
        var signedHeaders = Get(names.SignedHeaders).Split(';');
        var signature = Get(names.Signature);
        if (credential.Length < 5 || CredentialScope.Parse(credential.AsSpan(^4..)) is not { } scope)
            throw Incomplete($"{names.Credential} must be <access key id>/<yyyyMMdd>/<region>/<service>/aws4_request.");
        if (signature.Length != SignatureLength || signature.AsSpan().ContainsAnyExcept(HexDigits))
            throw Incomplete($"{names.Signature} must have {SignatureLength} hexadecimal digits.");
        if (!signedHeaders.Contains("host"))
            throw Incomplete($"{names.SignedHeaders} must have the header host.");
        if (!DateTimeOffset.TryParseExact(dateTime, DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            throw Incomplete($"Date must be in ISO-8601 'basic format'. Got '{dateTime}'.");
        var read = new RequestSignature(string.Join('/', credential[..^4]), scope, signedHeaders, signature, time, lifetime, token);
        if (!read.DateTime.StartsWith(scope.Date + 'T', StringComparison.Ordinal))
            throw Incomplete($"The date of the credential's scope must be that of the request: '{scope.Date}' is not that of '{dateTime}'.");
        return read;

        string Get(string name) => find(name) ?? throw Incomplete($"The signature lacks '{name}'.");
    }

    private static SignatureException Incomplete(string message) => new(SignatureProblem.Incomplete, message);

    private static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;
}
