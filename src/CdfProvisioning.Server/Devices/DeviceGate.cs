using System.Security.Cryptography;
using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Iot;
using RegistryCertificates = CdfProvisioning.Embedded.Registry.Certificates;

namespace CdfProvisioning.Server.Devices;

/// <summary>Who gets in: a certificate has to be registered, ACTIVE and in date (AWS IoT Developer Guide, X.509 client certificates).</summary>
internal sealed class DeviceGate(EmbeddedRegistry registry)
{
    /// <summary>Looks up who shows a certificate.</summary>
    /// <returns>Why he does not get in; null if he does, or if his certificate is to be registered.</returns>
    public string? Admit(DevicePeer peer, byte[]? der)
    {
        if (der is null)
            return "It showed no certificate.";
        try
        {
            var fingerprint = SHA256.HashData(der);
            return registry.Read(scope => Admit(scope, peer, der, fingerprint));
        }
        catch (CdfException e)
        {
            return e.Message;
        }
    }

    /// <summary>What has changed of a connected device.</summary>
    /// <returns>Why it may not stay; null if it may.</returns>
    public static string? Recheck(Scope scope, DeviceConnection device)
    {
        if (ProvisioningClaims.Find(scope, Convert.FromHexString(device.Identity.CertificateId)) is { } claim)
            return claim.ExpiresAt > scope.Now ? null : "Its provisioning claim has expired.";
        var stamp = DeviceAccess.StampOf(scope, Convert.FromHexString(device.Identity.CertificateId));
        if (stamp is not null && stamp == device.Stamp)
            return null;
        if (stamp is null || DeviceAccess.Find(scope, device.Identity.CertificateId) is not { } identity)
            return $"Certificate {device.Identity.CertificateId} was deleted.";
        device.Renew(identity, stamp);
        return WhyNot(identity.CertificateId, identity.Status, identity.Certificate!, scope.Now)
            ?? (device.IsAllowed(Iot.Policies.PolicyActions.Connect, device.ClientId) ? null : device.Explain(Iot.Policies.PolicyActions.Connect, device.ClientId).Reason);
    }

    public static bool IsInDate(ParsedCertificate certificate, DateTimeOffset now) => now >= certificate.NotBefore && now <= certificate.NotAfter;

    private static string? Admit(Scope scope, DevicePeer peer, byte[] der, byte[] fingerprint)
    {
        var stamp = DeviceAccess.StampOf(scope, fingerprint);
        if (stamp is null)
            return ProvisioningClaims.Find(scope, fingerprint) is { } claim ? AdmitClaim(scope, peer, claim) : AdmitNewcomer(scope, peer, ParsedCertificate.FromDer(der, "The certificate"));
        var identity = DeviceAccess.Find(scope, Convert.ToHexStringLower(fingerprint))!;
        var certificate = identity.Certificate!;
        if (identity.Mode == RegistryCertificates.SniOnlyMode && peer.ServerName.Length == 0)
            return $"Certificate {identity.CertificateId} is registered in {RegistryCertificates.SniOnlyMode} mode, and the device did not say which server it wants (TLS server name indication): connect by the server's name, not its address.";
        if (identity.Status == CertificateStatus.PendingActivation && JustInTime.CanGoOn(scope, certificate) is { } ca)
        {
            peer.Newcomer = (certificate, ca);
            return IsInDate(certificate, scope.Now) ? null : OutOfDate(certificate);
        }

        if (WhyNot(identity.CertificateId, identity.Status, certificate, scope.Now) is { } whyNot)
            return whyNot;
        peer.Identity = identity;
        peer.Stamp = stamp;
        return null;
    }

    private static string? AdmitClaim(Scope scope, DevicePeer peer, ProvisioningClaim claim)
    {
        if (claim.ExpiresAt <= scope.Now)
            return "Its provisioning claim has expired: make another (New-CdfProvisioningClaim, CreateProvisioningClaim).";
        peer.Identity = claim.Identity(scope.Arns.Prefix);
        return null;
    }

    private static string? AdmitNewcomer(Scope scope, DevicePeer peer, ParsedCertificate certificate)
    {
        if (!IsInDate(certificate, scope.Now))
            return OutOfDate(certificate);
        if (DeviceAccess.AutoRegisteringIssuerOf(scope, certificate) is not { } ca)
            return $"Certificate {certificate.Id} ('{certificate.Subject}', issued by '{certificate.Issuer}') is not registered, and no active CA that registers its certificates by itself has signed it.";
        if (ca.Mode == RegistryCertificates.SniOnlyMode && peer.ServerName.Length == 0)
            return $"The CA {ca.Id} is registered in {RegistryCertificates.SniOnlyMode} mode, and the device did not say which server it wants (TLS server name indication).";
        peer.Newcomer = (certificate, ca);
        return null;
    }

    private static string? WhyNot(string certificateId, string? status, ParsedCertificate certificate, DateTimeOffset now) =>
        status != CertificateStatus.Active ? $"Certificate {certificateId} is {status}." : IsInDate(certificate, now) ? null : OutOfDate(certificate);

    private static string OutOfDate(ParsedCertificate certificate) =>
        $"Certificate {certificate.Id} is valid from {certificate.NotBefore:u} to {certificate.NotAfter:u}, and so not now.";
}
