using System.Management.Automation;
using CdfProvisioning.Files;
using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>A template with which devices provision themselves.</summary>
public sealed record ProvisioningTemplateInfo
{
    /// <summary>Its name.</summary>
    public required string TemplateName { get; init; }

    /// <summary>Its ARN.</summary>
    public string? Arn { get; init; }

    /// <summary>FLEET_PROVISIONING, for devices with a claim, or JITP, for devices of a CA that registers their certificates.</summary>
    public string? Type { get; init; }

    /// <summary>Whether devices can use it.</summary>
    public bool Enabled { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>The id of the version that devices get.</summary>
    public int? DefaultVersionId { get; init; }

    /// <summary>The template itself, of that version.</summary>
    public string? TemplateBody { get; init; }

    /// <summary>The ARN of the role with which AWS provisions.</summary>
    public string? ProvisioningRoleArn { get; init; }

    /// <summary>What AWS asks before a device is provisioned.</summary>
    public ProvisioningHook? PreProvisioningHook { get; init; }

    /// <summary>When it was created, UTC.</summary>
    public DateTimeOffset? CreationDate { get; init; }

    /// <summary>When it was last changed, UTC.</summary>
    public DateTimeOffset? LastModifiedDate { get; init; }

    internal static async ValueTask<ProvisioningTemplateInfo> ReadAsync(IDeviceRegistry registry, string name, CancellationToken cancellationToken)
    {
        var template = await registry.InvokeAsync(new DescribeProvisioningTemplateRequest(name), cancellationToken);
        return new()
        {
            TemplateName = template.TemplateName ?? name,
            Arn = template.TemplateArn,
            Type = template.Type,
            Enabled = template.Enabled ?? false,
            Description = template.Description,
            DefaultVersionId = template.DefaultVersionId,
            TemplateBody = template.TemplateBody,
            ProvisioningRoleArn = template.ProvisioningRoleArn,
            PreProvisioningHook = template.PreProvisioningHook,
            CreationDate = template.CreationDate,
            LastModifiedDate = template.LastModifiedDate,
        };
    }
}

/// <summary>Creates a template with which devices provision themselves over MQTT.</summary>
/// <remarks>
/// <para>
/// A device that has a claim certificate asks for a certificate of its own and for what the template says around it. A
/// template of type JITP is for a CA instead (Set-CdfCertificateAuthority -ProvisioningTemplateName).
/// </para>
/// </remarks>
/// <example>
/// <para>Create a template from a file</para>
/// <code>New-CdfProvisioningTemplate fleet -Path ./fleet.json</code>
/// </example>
[Cmdlet(VerbsCommon.New, "CdfProvisioningTemplate", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(ProvisioningTemplateInfo))]
public sealed class NewCdfProvisioningTemplateCommand : CdfCmdlet
{
    /// <summary>The template's name.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("TemplateName")]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = string.Empty;

    /// <summary>The file that has the template.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Path")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>As Path, of a name that is taken as it is, brackets and all.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName", "LP")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    /// <summary>The template as JSON text.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Body")]
    [Alias("TemplateBody")]
    [JsonText]
    [ValidateNotNullOrEmpty]
    public string? Body { get; set; }

    /// <summary>FLEET_PROVISIONING if not given, or JITP.</summary>
    [Parameter]
    [ValidateSet("FLEET_PROVISIONING", "JITP")]
    public string Type { get; set; } = "FLEET_PROVISIONING";

    /// <summary>What the template is for.</summary>
    [Parameter]
    public string? Description { get; set; }

    /// <summary>The ARN of the role with which AWS provisions. The embedded registry needs none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? RoleArn { get; set; }

    /// <summary>The ARN of the Lambda function that AWS asks before a device is provisioned. The embedded registry asks Start-CdfServer -PreProvisioningHook instead.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? HookArn { get; set; }

    /// <summary>Creates it without letting devices use it yet.</summary>
    [Parameter]
    public SwitchParameter Disabled { get; set; }

    private protected override object? Target => Name;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(cancellationToken);
        var body = Body ?? await ReadFileAsync(ResolveFile(Path, LiteralPath), cancellationToken);
        var role = RoleArn ?? (connection.Info.Path is null
            ? throw CdfErrorCode.InvalidRequest.Error("AWS needs the ARN of a role with which it provisions: give -RoleArn.")
            : $"arn:{Arn.Partition(connection.Info.Region)}:iam::{connection.Info.AccountId}:role/provisioning");
        if (!ShouldProcess(Name, "Create provisioning template"))
            return;
        await connection.Registry.InvokeAsync(
            new CreateProvisioningTemplateRequest(Name, body, role, Description, !Disabled, HookArn is null ? null : new(HookArn), Type: Type), cancellationToken);
        WriteVerbose($"Created provisioning template '{Name}'.");
        WriteObject(await ProvisioningTemplateInfo.ReadAsync(connection.Registry, Name, cancellationToken));
    }
}

/// <summary>Gets the templates with which devices provision themselves.</summary>
/// <remarks>
/// <para>Names may be patterns. Without a name, all are got.</para>
/// </remarks>
/// <example>
/// <para>Which templates can devices use?</para>
/// <code>Get-CdfProvisioningTemplate | Where-Object Enabled</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "CdfProvisioningTemplate")]
[OutputType(typeof(ProvisioningTemplateInfo))]
public sealed class GetCdfProvisioningTemplateCommand : GetByNameCmdlet
{
    /// <summary>Names or patterns of templates.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("TemplateName")]
    [ArgumentCompleter(typeof(ProvisioningTemplateCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        await WriteByNameAsync(
            Name,
            _ => registry.ProvisioningTemplatesAsync(cancellationToken).Select(template => template.TemplateName!),
            name => ProvisioningTemplateInfo.ReadAsync(registry, name, cancellationToken));
    }
}

/// <summary>Changes templates with which devices provision themselves.</summary>
/// <remarks>
/// <para>A new body becomes a new version, the default one; AWS keeps five, and the oldest that is not the default is deleted to make room for it.</para>
/// </remarks>
/// <example>
/// <para>Give devices a new version</para>
/// <code>Set-CdfProvisioningTemplate fleet -Path ./fleet.json</code>
/// </example>
/// <example>
/// <para>Let no device provision itself for now</para>
/// <code>Set-CdfProvisioningTemplate fleet -Enabled:$false</code>
/// </example>
[Cmdlet(VerbsCommon.Set, "CdfProvisioningTemplate", SupportsShouldProcess = true)]
[OutputType(typeof(ProvisioningTemplateInfo))]
public sealed class SetCdfProvisioningTemplateCommand : CdfCmdlet
{
    private const int MaxVersions = 5;

    /// <summary>The names of the templates, or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("TemplateName")]
    [ArgumentCompleter(typeof(ProvisioningTemplateCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>The file that has the new template.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>As Path, of a name that is taken as it is, brackets and all.</summary>
    [Parameter]
    [Alias("LP")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    /// <summary>The new template as JSON text.</summary>
    [Parameter]
    [JsonText]
    [ValidateNotNullOrEmpty]
    public string? Body { get; set; }

    /// <summary>Whether devices can use it.</summary>
    [Parameter]
    public SwitchParameter Enabled { get; set; }

    /// <summary>The id of a version that is to be the default.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? DefaultVersionId { get; set; }

    /// <summary>What the template is for.</summary>
    [Parameter]
    public string? Description { get; set; }

    /// <summary>The ARN of the Lambda function that AWS asks before a device is provisioned; empty for none.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? HookArn { get; set; }

    /// <summary>Emits the changed templates.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (new[] { Path, LiteralPath, Body }.Count(given => given is not null) > 1)
            throw CdfErrorCode.InvalidRequest.Error("Give the new template as a file (-Path, -LiteralPath) or as text (-Body), not both.");
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        var body = Path is null && LiteralPath is null ? Body : await ReadFileAsync(ResolveFile(Path, LiteralPath), cancellationToken);
        bool? enabled = MyInvocation.BoundParameters.ContainsKey(nameof(Enabled)) ? Enabled.IsPresent : null;
        await ForEachMatchAsync(
            Name,
            _ => registry.ProvisioningTemplatesAsync(cancellationToken).Select(template => template.TemplateName!),
            async name =>
            {
                if (IsWhatIf)
                    await registry.InvokeAsync(new DescribeProvisioningTemplateRequest(name), cancellationToken);
                if (!ShouldProcess(name, "Change provisioning template"))
                    return;
                if (enabled is not null || DefaultVersionId is not null || Description is not null || HookArn is not null)
                    await registry.InvokeAsync(
                        new UpdateProvisioningTemplateRequest(
                            name, Description, enabled, DefaultVersionId, PreProvisioningHook: string.IsNullOrEmpty(HookArn) ? null : new(HookArn),
                            RemovePreProvisioningHook: HookArn is "" ? true : null),
                        cancellationToken);
                if (body is not null)
                {
                    await MakeRoomAsync(registry, name, cancellationToken);
                    await registry.InvokeAsync(new CreateProvisioningTemplateVersionRequest(name, body, SetAsDefault: true), cancellationToken);
                }

                WriteVerbose($"Changed provisioning template '{name}'.");
                if (PassThru)
                    WriteObject(await ProvisioningTemplateInfo.ReadAsync(registry, name, cancellationToken));
            });
    }

    private static async Task MakeRoomAsync(IDeviceRegistry registry, string name, CancellationToken cancellationToken)
    {
        var versions = (await registry.InvokeAsync(new ListProvisioningTemplateVersionsRequest(name), cancellationToken)).Versions ?? [];
        if (versions.Count >= MaxVersions && versions.Where(v => v.IsDefaultVersion != true).MinBy(v => v.VersionId) is { } oldest)
            await registry.InvokeAsync(new DeleteProvisioningTemplateVersionRequest(name, oldest.VersionId!.Value), cancellationToken);
    }
}

/// <summary>Deletes templates with which devices provision themselves.</summary>
/// <remarks>
/// <para>All versions go. A template with which a CA provisions its devices cannot be deleted: Set-CdfCertificateAuthority -RemoveTemplate takes it away from the CA.</para>
/// </remarks>
/// <example>
/// <para>Delete a template</para>
/// <code>Remove-CdfProvisioningTemplate fleet</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "CdfProvisioningTemplate", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveCdfProvisioningTemplateCommand : RemoveByNameCmdlet
{
    /// <summary>The names of the templates, or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("TemplateName")]
    [ArgumentCompleter(typeof(ProvisioningTemplateCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        await RemoveByNameAsync(
            "provisioning template",
            Name,
            _ => registry.ProvisioningTemplatesAsync(cancellationToken).Select(template => template.TemplateName!),
            name => registry.InvokeAsync(new DescribeProvisioningTemplateRequest(name), cancellationToken),
            async (name, _) => await registry.InvokeAsync(new DeleteProvisioningTemplateRequest(name), cancellationToken));
    }
}

/// <summary>A certificate with which a device can do nothing but have itself provisioned, for five minutes.</summary>
public sealed record ProvisioningClaimInfo
{
    /// <summary>The template for which it is.</summary>
    public required string TemplateName { get; init; }

    /// <summary>The certificate's id.</summary>
    public string? CertificateId { get; init; }

    /// <summary>When it ends.</summary>
    public DateTimeOffset? Expiration { get; init; }

    /// <summary>The file that has the certificate.</summary>
    public string? CertificatePath { get; init; }

    /// <summary>The file that has its private key.</summary>
    public string? PrivateKeyPath { get; init; }
}

/// <summary>Makes a claim: a certificate with which a device can have itself provisioned, for five minutes.</summary>
/// <remarks>
/// <para>The certificate and its key are written to files of the folder, the key readable by you alone. The registry keeps no key.</para>
/// </remarks>
/// <example>
/// <para>Make a claim for a device that is being set up</para>
/// <code>New-CdfProvisioningClaim fleet -KeyDirectory ./claim</code>
/// </example>
[Cmdlet(VerbsCommon.New, "CdfProvisioningClaim", SupportsShouldProcess = true)]
[OutputType(typeof(ProvisioningClaimInfo))]
public sealed class NewCdfProvisioningClaimCommand : CdfCmdlet
{
    /// <summary>The name of the template.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ProvisioningTemplateCompleter))]
    [ValidateNotNullOrEmpty]
    public string TemplateName { get; set; } = string.Empty;

    /// <summary>The folder for the claim's certificate and key; made if missing, for you alone.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string KeyDirectory { get; set; } = string.Empty;

    private protected override object? Target => TemplateName;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        var folder = ResolvePath(KeyDirectory);
        if (!ShouldProcess(TemplateName, $"Make a provisioning claim, its key in {folder}"))
            return;
        using var key = ReservedFile.Make(folder);
        using var certificate = ReservedFile.Make(folder);
        var claim = await registry.InvokeAsync(new CreateProvisioningClaimRequest(TemplateName), CancellationToken.None);
        WriteObject(new ProvisioningClaimInfo
        {
            TemplateName = TemplateName,
            CertificateId = claim.CertificateId,
            Expiration = claim.Expiration,
            PrivateKeyPath = key.Put($"{claim.CertificateId}.key", claim.KeyPair!.PrivateKey!),
            CertificatePath = certificate.Put($"{claim.CertificateId}.pem", claim.CertificatePem!),
        });
    }
}
