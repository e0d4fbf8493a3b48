using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Keys;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.Fleet;

/// <summary>Keys of devices, in a folder, whose certificates a CA elsewhere makes: their signing requests go out, and the certificates come back.</summary>
/// <param name="keys">The folder, whose keys wait.</param>
/// <param name="registry">Where the devices are, or are going to be.</param>
internal sealed class WaitingKeys(KeyDirectory keys, IDeviceRegistry registry)
{
    private Dictionary<string, string>? _things;

    /// <summary>Makes the signing request of a device. The key is the one that waits already, or a new one if nothing stands in the device's place.</summary>
    /// <returns>Null if the device has its certificate.</returns>
    /// <exception cref="CdfException">Conflict: what stands there is another registration's; InvalidRequest: no name of a thing whose key goes to a file.</exception>
    public async ValueTask<(string Csr, bool IsNew)?> RequestAsync(string thingName, X509Name subject, KeyAlgorithm algorithm, CancellationToken cancellationToken)
    {
        switch (keys.Read(thingName))
        {
            case { IsWaiting: true } there:
                CheckRegistry(thingName, there);
                return (SigningRequest.Create(subject, there.Key!), IsNew: false);
            case { Owner: null, Certificate: not null }:
                return null;
        }

        var key = DeviceKey.Create(algorithm);
        await new KeyPlace(keys, thingName).TakeAsync(registry, key.PrivateKeyPem, certificatePem: null, cancellationToken);
        return (SigningRequest.Create(subject, key.PrivateKeyPem), IsNew: true);
    }

    /// <summary>The thing whose key a certificate is for; null if it is none of those in the folder.</summary>
    public string? FindThing(ParsedCertificate certificate) =>
        (_things ??= ReadThings()).GetValueOrDefault(Convert.ToHexString(certificate.PublicKey.Identifier));

    /// <exception cref="CdfException">Conflict: the key waits for a certificate in another registry.</exception>
    public void CheckRegistry(string thingName)
    {
        if (keys.Read(thingName) is { } there)
            CheckRegistry(thingName, there);
    }

    /// <summary>Puts the certificate of a device that is registered now to its key.</summary>
    public void Fulfil(string thingName, ParsedCertificate certificate)
    {
        if (keys.Read(thingName) is { } there && there.Certificate?.Id != certificate.Id)
            keys.Fulfil(thingName, there, certificate.Pem);
    }

    private void CheckRegistry(string thingName, FiledKey there)
    {
        if (there.IsWaiting && !keys.IsOfThisRegistry(there))
            throw CdfErrorCode.Conflict.Error($"The key '{keys.FileOf(thingName)}' waits for a certificate in another registry: connect to that one (Connect-Cdf), or name another key folder.");
    }

    private Dictionary<string, string> ReadThings()
    {
        var things = new Dictionary<string, string>();
        foreach (var name in keys.Names())
        {
            if (Read(name)?.KeyIdentifier is { } identifier)
                things[Convert.ToHexString(identifier)] = name;
        }
        return things;
    }

    /// <summary>What is no key of ours has no part in this.</summary>
    private FiledKey? Read(string thingName)
    {
        try
        {
            return keys.Read(thingName);
        }
        catch (CdfException e) when (e.Code is CdfErrorCode.Conflict or CdfErrorCode.InvalidRequest)
        {
            return null;
        }
    }
}
