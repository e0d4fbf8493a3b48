namespace CdfProvisioning.Certificates;

/// <summary>What an issued certificate is for.</summary>
internal enum IssueProfile
{
    /// <summary>A device: no CA, its key makes digital signatures.</summary>
    Device,

    /// <summary>A CA: its key signs certificates and revocation lists.</summary>
    Authority,
}
