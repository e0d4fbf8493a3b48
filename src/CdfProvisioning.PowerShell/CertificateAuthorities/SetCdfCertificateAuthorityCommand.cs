using System.Management.Automation;
using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>Changes certificate authorities: whether they are active, and whether certificates that they signed register themselves.</summary>
/// <remarks>
/// <para>
/// With AutoRegistration a device that connects for the first time with a certificate of the CA is registered. With a
/// template it is also provisioned, and connects the second time (just-in-time provisioning); without one its certificate
/// is PENDING_ACTIVATION until Set-CdfThingCertificateStatus or UpdateCertificate activates it (just-in-time registration).
/// </para>
/// </remarks>
/// <example>
/// <para>Have devices of a CA provisioned when they first connect</para>
/// <code>Get-CdfCertificateAuthority | Set-CdfCertificateAuthority -AutoRegistration -TemplatePath ./jitp.json</code>
/// </example>
/// <example>
/// <para>Register no more devices by themselves</para>
/// <code>Set-CdfCertificateAuthority $ca.CaId -AutoRegistration:$false</code>
/// </example>
[Cmdlet(VerbsCommon.Set, "CdfCertificateAuthority", SupportsShouldProcess = true)]
[OutputType(typeof(CertificateAuthority))]
public sealed class SetCdfCertificateAuthorityCommand : CdfCmdlet
{
    /// <summary>The ids of the CA certificates, what they begin with, or their subjects; or patterns of ids.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(CaIdCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] CaId { get; set; } = [];

    /// <summary>ACTIVE or INACTIVE. Certificates of an inactive CA are not registered; those that are go on working.</summary>
    [Parameter]
    [ValidateSet("ACTIVE", "INACTIVE")]
    public string? Status { get; set; }

    /// <summary>Whether certificates of the CA are registered when their devices first connect.</summary>
    [Parameter]
    public SwitchParameter AutoRegistration { get; set; }

    /// <summary>The file that has the provisioning template for such devices.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TemplatePath { get; set; }

    /// <summary>The name of a provisioning template of type JITP for such devices.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ProvisioningTemplateCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ProvisioningTemplateName { get; set; }

    /// <summary>The ARN of the role with which AWS provisions from TemplatePath. The embedded registry needs none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? RoleArn { get; set; }

    /// <summary>Takes the template away, so that devices are only registered.</summary>
    [Parameter]
    public SwitchParameter RemoveTemplate { get; set; }

    /// <summary>Emits the changed CAs.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if ((TemplatePath is null ? 0 : 1) + (ProvisioningTemplateName is null ? 0 : 1) + (RemoveTemplate ? 1 : 0) > 1)
            throw CdfErrorCode.InvalidRequest.Error("Give one of -TemplatePath, -ProvisioningTemplateName and -RemoveTemplate.");
        var connection = await ConnectionAsync(cancellationToken);
        var body = TemplatePath is null ? null : await ReadFileAsync(TemplatePath, cancellationToken);
        if (body is not null && RoleArn is null && connection.Info.Path is null)
            throw CdfErrorCode.InvalidRequest.Error("AWS needs the ARN of a role with which it provisions: give -RoleArn.");
        bool? autoRegistration = MyInvocation.BoundParameters.ContainsKey(nameof(AutoRegistration)) ? AutoRegistration.IsPresent : null;
        await ForEachMatchAsync(
            CaId,
            _ => connection.Registry.CaCertificatesAsync(cancellationToken).Select(ca => ca.CertificateId!),
            async name =>
            {
                var id = await CdfValues.FindAuthorityAsync(connection, name, cancellationToken);
                if (IsWhatIf)
                    await connection.CertificateAuthorities.GetAsync(id, cancellationToken);
                if (!ShouldProcess(id, "Change certificate authority"))
                    return;
                await connection.CertificateAuthorities.UpdateAsync(
                    id, new(Status, autoRegistration, body, ProvisioningTemplateName, body is null ? null : RoleArn ?? $"arn:{Arn.Partition(connection.Info.Region)}:iam::{connection.Info.AccountId}:role/provisioning", RemoveTemplate),
                    cancellationToken);
                WriteVerbose($"Changed certificate authority {id}.");
                if (PassThru)
                    WriteObject(await connection.CertificateAuthorities.GetAsync(id, cancellationToken));
            });
    }
}
