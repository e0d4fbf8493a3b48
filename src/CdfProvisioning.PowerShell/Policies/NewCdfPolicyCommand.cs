using System.Management.Automation;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>Creates a policy, which says what a device may do.</summary>
/// <remarks>
/// <para>Templates attach policies to certificates by their name.</para>
/// </remarks>
/// <example>
/// <para>Create a policy from a file</para>
/// <code>New-CdfPolicy -Name sensors -Path ./sensors.policy.json</code>
/// </example>
/// <example>
/// <para>Create a policy from its document</para>
/// <code>New-CdfPolicy sensors -Document '{ "Version": "2012-10-17", "Statement": [ { "Effect": "Allow", "Action": "iot:Connect", "Resource": "*" } ] }'</code>
/// </example>
[Cmdlet(VerbsCommon.New, "CdfPolicy", SupportsShouldProcess = true, DefaultParameterSetName = "Document")]
[OutputType(typeof(PolicyInfo))]
public sealed class NewCdfPolicyCommand : PolicyDocumentCmdlet
{
    /// <summary>The policy's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("PolicyName")]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = string.Empty;

    /// <summary>Tags of the policy, key to value.</summary>
    [Parameter]
    [DeviceParameters]
    public IReadOnlyDictionary<string, string>? Tag { get; set; }

    private protected override object? Target => Name;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        var document = await ReadDocumentAsync(cancellationToken);
        if (!ShouldProcess(Name, "Create policy"))
            return;

        await registry.InvokeAsync(new CreatePolicyRequest(Name, document, Tag.ToTags()), cancellationToken);
        WriteVerbose($"Created policy '{Name}'.");
        WriteObject(await PolicyInfo.ReadAsync(registry, Name, cancellationToken));
    }
}
