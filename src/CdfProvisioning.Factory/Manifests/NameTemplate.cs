using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.Factory.Manifests;

/// <summary>How things are named after what a manifest says of a device: text with the names of its fields in braces.</summary>
internal sealed class NameTemplate(string text)
{
    /// <exception cref="CdfException">InvalidRequest: there is no such field, or what comes out is not a thing's name.</exception>
    public string Fill(ManifestItem item) => Placeholders.Fill(text, name => ValueOf(name, item));

    private static string ValueOf(string field, ManifestItem item)
    {
        foreach (var (name, value) in FieldsOf(item))
        {
            if (name.Equals(field, StringComparison.OrdinalIgnoreCase))
                return value;
        }
        throw ManifestItem.Invalid(
            $"The name template has '{{{IotNames.Shown(field)}}}', and this device has no such field. It has: {string.Join(", ", FieldsOf(item).Select(f => f.Name))}.");
    }

    private static IEnumerable<(string Name, string Value)> FieldsOf(ManifestItem item)
    {
        foreach (var (name, value) in item.Fields)
            yield return (name, value);
        var leaf = item.Certificate!.Leaf;
        if (leaf.Subject.CommonName is { } commonName)
            yield return ("CommonName", commonName);
        yield return ("CertificateSerialNumber", leaf.SerialNumber);
        yield return ("CertificateId", leaf.Id);
    }

    /// <summary>The name of a device where the user gives no template: what its maker calls it, else its certificate's common name, else its certificate's id.</summary>
    public static string Default(ManifestItem item) =>
        item.Fields.Count > 0 ? item.Fields.First().Value : item.Certificate!.Leaf.Subject.CommonName ?? item.Certificate.Leaf.Id;
}
