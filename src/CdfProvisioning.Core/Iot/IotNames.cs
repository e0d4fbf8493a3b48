using System.Buffers;

namespace CdfProvisioning.Iot;

/// <summary>The name patterns and limits that the AWS IoT API Reference and quotas document. Each check throws a <see cref="CdfException"/>.</summary>
internal static class IotNames
{
    public const int MaxAttributesWithoutType = 3;
    public const int MaxAttributesWithType = 50;

    private const int MaxNameLength = 128;
    private const int MaxAttributeValueLength = 800;
    private const int CertificateIdLength = 64;

    private const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static readonly SearchValues<char> RegistryName = SearchValues.Create(LettersAndDigits + ":_-");
    private static readonly SearchValues<char> PolicyName = SearchValues.Create(LettersAndDigits + "_+=,.@-");
    private static readonly SearchValues<char> AttributeName = SearchValues.Create(LettersAndDigits + "_.,@/:#-");
    private static readonly SearchValues<char> AttributeValue = SearchValues.Create(LettersAndDigits + "_.,@/:#=[]-");
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdefABCDEF");

    public static void CheckThingName(string name) => CheckRegistryName("Thing name", name);

    public static void CheckThingTypeName(string name) => CheckRegistryName("Thing type name", name);

    public static void CheckThingGroupName(string name) => CheckRegistryName("Thing group name", name);

    public static void CheckBillingGroupName(string name) => CheckRegistryName("Billing group name", name);

    public static void CheckPolicyName(string name) => Check("Policy name", name, 1, MaxNameLength, PolicyName, @"[\w+=,.@-]{1,128}");

    public static void CheckAttributeName(string name) =>
        Check("Attribute name", name, 1, MaxNameLength, AttributeName, "[a-zA-Z0-9_.,@/:#-]{1,128}");

    public static void CheckAttributeValue(string name, string value)
    {
        if (value.Length > MaxAttributeValueLength || value.AsSpan().ContainsAnyExcept(AttributeValue))
            throw IotErrorType.InvalidRequest.Error(
                $@"The value '{Shown(value)}' of attribute '{Shown(name)}' does not match [a-zA-Z0-9_.,@/:#=\[\]-]{{0,{MaxAttributeValueLength}}} (no spaces).");
    }

    public static void CheckAttributeCount(int count, bool hasThingType)
    {
        if (count > (hasThingType ? MaxAttributesWithType : MaxAttributesWithoutType))
            throw IotErrorType.InvalidRequest.Error(
                $"{count} attributes are too many: a thing may have {MaxAttributesWithoutType} without a thing type and {MaxAttributesWithType} with one.");
    }

    public static void CheckAttributes(IReadOnlyDictionary<string, string> attributes, bool hasThingType)
    {
        CheckAttributeCount(attributes.Count, hasThingType);
        foreach (var (name, value) in attributes)
        {
            CheckAttributeName(name);
            CheckAttributeValue(name, value);
        }
    }

    public static void CheckCertificateId(string id) =>
        Check("Certificate id", id, CertificateIdLength, CertificateIdLength, Hex, "[a-fA-F0-9]{64}");

    /// <summary>A bad value may be anything, so a message shows only its beginning: one line, and of a PEM no more than its label.</summary>
    public static string Shown(string value)
    {
        var shown = value.AsSpan(0, Math.Min(value.Length, 64));
        var end = shown.IndexOfAnyInRange('\0', '\x1f');
        if (end >= 0)
            shown = shown[..end];
        return shown.Length == value.Length ? value : $"{shown}...";
    }

    private static void CheckRegistryName(string what, string name) =>
        Check(what, name, 1, MaxNameLength, RegistryName, "[a-zA-Z0-9:_-]{1,128}");

    private static void Check(string what, string name, int minLength, int maxLength, SearchValues<char> allowed, string pattern)
    {
        if (name.Length < minLength || name.Length > maxLength || name.AsSpan().ContainsAnyExcept(allowed))
            throw IotErrorType.InvalidRequest.Error($"{what} '{Shown(name)}' does not match {pattern}.");
    }
}
