using System.Collections;
using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Takes JSON as one text or as the lines of Get-Content, and refuses what would become the name of its type.</summary>
internal sealed class JsonTextAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapper ? wrapper.BaseObject : inputData) switch
        {
            IDictionary or PSCustomObject => throw new ArgumentTransformationMetadataException("This is an object, and JSON is wanted, as text: ConvertTo-Json -Depth 20 makes it of an object."),
            object[] lines when Array.TrueForAll(lines, line => line is string or PSObject { BaseObject: string }) => string.Join('\n', lines),
            _ => inputData,
        };
}
