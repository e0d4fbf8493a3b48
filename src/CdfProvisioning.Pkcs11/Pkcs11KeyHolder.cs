using System.Security;
using CdfProvisioning.Certificates;

namespace CdfProvisioning.Pkcs11;

/// <summary>Keys in tokens (PKCS#11): HSMs, smart cards, SoftHSM.</summary>
/// <param name="pin">The PIN of the session, where neither the call nor the URI says what it is.</param>
internal sealed class Pkcs11KeyHolder(SecureString? pin = null) : IKeyHolder
{
    public string Scheme => "pkcs11";

    /// <summary>A token may take its time, and cannot be interrupted: who waits can.</summary>
    public async ValueTask<RemoteKey> OpenAsync(KeyUri uri, SecureString? given, CancellationToken cancellationToken) =>
        await Task.Run(() => TokenKey.Open(uri, new PinSource(uri, given, pin)), cancellationToken).WaitAsync(cancellationToken);
}
