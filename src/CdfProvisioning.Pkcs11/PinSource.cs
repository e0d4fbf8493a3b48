using System.Net;
using System.Security;
using System.Text;
using CdfProvisioning.Certificates;
using CdfProvisioning.Files;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Pkcs11;

/// <summary>Where a token's PIN comes from: the call, the URI's <c>pin-source</c>, the session, the environment, in this order.</summary>
internal sealed class PinSource(KeyUri uri, SecureString? given, SecureString? session)
{
    private const int LongestFile = 4096;

    /// <exception cref="CdfException">InvalidRequest: there is none; NotFound, AccessDenied: its file cannot be read.</exception>
    public byte[] Read()
    {
        if (given is not null)
            return Bytes(given);
        if (uri["pin-source"] is { } source)
            return ReadFile(source);
        if (session is not null)
            return Bytes(session);
        return Environment.GetEnvironmentVariable(KeyUri.PinVariable) is { Length: > 0 } pin ? Encoding.UTF8.GetBytes(pin) : throw CdfErrorCode.InvalidRequest.Error(
            $"The token of '{IotNames.Shown(uri.Text)}' wants a PIN: give it with -Pin (Connect-Cdf, New-CdfCertificateAuthority), in the environment variable {KeyUri.PinVariable}, or name its file in the URI (?pin-source=file:/etc/pin).");
    }

    private static byte[] Bytes(SecureString text) => Encoding.UTF8.GetBytes(new NetworkCredential("", text).Password);

    private static byte[] ReadFile(string source)
    {
        if (source.StartsWith('|'))
            throw CdfErrorCode.InvalidRequest.Error("The pin-source of the key URI is a program, which is not run: name a file.");
        var path = source.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
            ? Uri.TryCreate(source, UriKind.Absolute, out var file) && file.IsFile ? file.LocalPath : source["file:".Length..]
            : source;
        if (!Path.IsPathFullyQualified(path))
            throw CdfErrorCode.InvalidRequest.Error($"The pin-source '{IotNames.Shown(source)}' of the key URI is no full path of a file: write file:/etc/pin.");
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            if (stream.Length > LongestFile)
                throw CdfErrorCode.InvalidRequest.Error($"The file '{path}' of the PIN has {stream.Length} bytes: a PIN file has the PIN and nothing else.");
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes.AsSpan().TrimEnd("\r\n"u8).ToArray();
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotRead("The file of the PIN", path, e);
        }
    }
}
