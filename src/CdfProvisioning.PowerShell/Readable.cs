using System.Collections.ObjectModel;

namespace CdfProvisioning.PowerShell;

/// <summary>Names and values that are readable as a text too, such as a cell of Export-Csv.</summary>
internal sealed class ReadableTable(IReadOnlyDictionary<string, string> values) : Dictionary<string, string>(values)
{
    public override string ToString() => string.Join("; ", this.Select(pair => $"{pair.Key}={pair.Value}"));
}

/// <summary>Items that are readable as a text too.</summary>
internal sealed class ReadableList<T>(IEnumerable<T> items, Func<T, string?> text) : ReadOnlyCollection<T>([.. items])
{
    public override string ToString() => string.Join("; ", this.Select(text));
}

internal static class Readable
{
    /// <summary>The thing with values that Export-Csv can write.</summary>
    public static Thing Of(Thing thing) => thing with
    {
        Attributes = new ReadableTable(thing.Attributes),
        Certificates = new ReadableList<ThingCertificate>(thing.Certificates, certificate => $"{certificate.CertificateStatus} {certificate.CertificateId}"),
        Policies = new ReadableList<ThingPolicy>(thing.Policies, policy => policy.PolicyName),
        Groups = new ReadableList<ThingGroup>(thing.Groups, group => group.GroupName),
    };

    /// <inheritdoc cref="Of(Thing)"/>
    public static ProvisionResponse Of(ProvisionResponse response) => response with { ResourceArns = new ReadableTable(response.ResourceArns) };
}
