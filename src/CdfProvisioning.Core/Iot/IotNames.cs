using System.Buffers;
using CdfProvisioning.Iot.Model;

namespace CdfProvisioning.Iot;

/// <summary>The name patterns and limits that the AWS IoT API Reference and quotas document. Each check throws a <see cref="CdfException"/>.</summary>
internal static class IotNames
{
    public const int MaxAttributesWithoutType = 3;
    public const int MaxAttributesWithType = 50;

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdefABCDEF");

    private static readonly Shape.TextShape ThingName = IotModel.Text("ThingName");
    private static readonly Shape.TextShape PolicyName = IotModel.Text("PolicyName");
    private static readonly Shape.TextShape AttributeName = IotModel.Text("AttributeName");
    private static readonly Shape.TextShape AttributeValue = IotModel.Text("AttributeValue");

    public static void CheckThingName(string name) => CheckRegistryName("Thing name", name);

    public static void CheckThingTypeName(string name) => CheckRegistryName("Thing type name", name);

    public static void CheckThingGroupName(string name) => CheckRegistryName("Thing group name", name);

    public static void CheckBillingGroupName(string name) => CheckRegistryName("Billing group name", name);

    public static void CheckPolicyName(string name) => Check("Policy name", name, PolicyName);

    public static void CheckAttributeName(string name) => Check("Attribute name", name, AttributeName);

    public static void CheckAttributeValue(string name, string value)
    {
        if (!AttributeValue.Fits(value))
            throw IotErrorType.InvalidRequest.Error(
                $"The value '{Shown(value)}' of attribute '{Shown(name)}' does not match {AttributeValue.Description} (no spaces).");
    }

    public static void CheckAttributeCount(int count, bool hasThingType)
    {
        if (FindAttributeCountProblem(count, hasThingType) is { } problem)
            throw problem;
    }

    /// <summary>Why a thing cannot have so many attributes; null if it can.</summary>
    public static CdfException? FindAttributeCountProblem(int count, bool hasThingType) => count <= (hasThingType ? MaxAttributesWithType : MaxAttributesWithoutType)
        ? null
        : IotErrorType.InvalidRequest.Error(
            $"{count} attributes are too many: a thing may have {MaxAttributesWithoutType} without a thing type and {MaxAttributesWithType} with one.");

    public static void CheckAttributes(IReadOnlyDictionary<string, string> attributes, bool hasThingType)
    {
        CheckAttributeCount(attributes.Count, hasThingType);
        foreach (var (name, value) in attributes)
        {
            CheckAttributeName(name);
            CheckAttributeValue(name, value);
        }
    }

    public static void CheckCertificateId(string id)
    {
        if (id.Length != 64 || id.AsSpan().ContainsAnyExcept(Hex))
            throw IotErrorType.InvalidRequest.Error($"Certificate id '{Shown(id)}' does not match [a-fA-F0-9]{{64}}.");
    }

    /// <summary>A bad value may be anything, so a message shows only its beginning: one line, and of a PEM no more than its label.</summary>
    public static string Shown(string value)
    {
        var shown = value.AsSpan(0, Math.Min(value.Length, 64));
        var end = shown.IndexOfAnyInRange('\0', '\x1f');
        if (end >= 0)
            shown = shown[..end];
        if (shown.Length == value.Length)
            return value;
        if (shown.Length > 0 && char.IsHighSurrogate(shown[^1]))
            shown = shown[..^1];
        return $"{shown}...";
    }

    private static void CheckRegistryName(string what, string name) => Check(what, name, ThingName);

    private static void Check(string what, string name, Shape.TextShape shape)
    {
        if (name.Length == 0 || !shape.Fits(name))
            throw IotErrorType.InvalidRequest.Error($"{what} '{Shown(name)}' does not match {shape.Description}.");
    }
}
