using CdfProvisioning.Certificates;

namespace CdfProvisioning.Provisioning.Extensions;

/// <summary>Until when the certificate made for a device is valid.</summary>
internal static class Validity
{
    /// <exception cref="CdfException">InvalidRequest: certInfo.daysExpiry is not possible.</exception>
    public static DateTimeOffset NotAfter(CertInfo? certInfo, ProvisioningSettings settings, DateTimeOffset now)
    {
        var days = certInfo?.DaysExpiry ?? settings.DeviceCertificateExpiryDays;
        if (days < 1 || days > (DateTimeOffset.MaxValue - now).Days)
            throw CdfErrorCode.InvalidRequest.Error($"certInfo.daysExpiry is {days}: a certificate is valid for at least 1 day, and until the year 9999 at most.");
        return now.AddDays(days);
    }

    /// <exception cref="CdfException">InvalidRequest: the CA itself ends earlier.</exception>
    public static void CheckWithin(DateTimeOffset notAfter, ParsedCertificate ca, string caName)
    {
        if (notAfter > ca.NotAfter)
            throw CdfErrorCode.InvalidRequest.Error(
                $"The certificate would be valid until {notAfter:yyyy-MM-dd}, but CA {caName} itself expires on {ca.NotAfter:yyyy-MM-dd}: give fewer days (certInfo.daysExpiry) or use another CA.");
    }
}
