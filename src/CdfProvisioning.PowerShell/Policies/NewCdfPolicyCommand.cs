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
public sealed class NewCdfPolicyCommand : CdfCmdlet
{
    /// <summary>The policy's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("PolicyName")]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = string.Empty;

    /// <summary>The policy document, JSON text.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Document", ValueFromPipelineByPropertyName = true)]
    [Alias("PolicyDocument")]
    [ValidateNotNullOrEmpty]
    public string? Document { get; set; }

    /// <summary>The file that has the policy document.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string? Path { get; set; }

    /// <summary>As Path, of a name that is taken as it is, brackets and all.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName", "LP")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    /// <summary>Tags of the policy, key to value.</summary>
    [Parameter]
    [DeviceParameters]
    public IReadOnlyDictionary<string, string>? Tag { get; set; }

    private protected override object? Target => Name;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        var document = Document ?? await ReadFileAsync(ResolveFile(Path, LiteralPath), cancellationToken);
        if (!ShouldProcess(Name, "Create policy"))
            return;

        await registry.InvokeAsync(new CreatePolicyRequest(Name, document, Tag.ToTags()), cancellationToken);
        WriteVerbose($"Created policy '{Name}'.");
        WriteObject(await PolicyInfo.ReadAsync(registry, Name, cancellationToken));
    }
}
