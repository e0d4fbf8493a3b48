using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Takes names and values, such as attributes or tags, as a hashtable or as an object with a property for each.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DeviceParametersAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        try
        {
            var values = DeviceInput.Of(inputData).Read(_ => true, emptyAsText: true);
            return values.Unusable.Count == 0
                ? values
                : throw new ArgumentTransformationMetadataException($"The value of '{values.Unusable[0].Key}' is {values.Unusable[0].Value}: it has to be a text or a number.");
        }
        catch (CdfException e)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }
}
