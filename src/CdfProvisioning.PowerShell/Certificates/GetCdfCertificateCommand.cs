using System.Management.Automation;
using System.Text.RegularExpressions;
using CdfProvisioning.Fleet;
using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>Gets registered device certificates.</summary>
/// <remarks>
/// <para>
/// Ids may be patterns. The embedded registry knows when each certificate expires, so that a million are asked in milliseconds; AWS
/// IoT does not say it in its listings, so that there each certificate is asked for, one by one.
/// </para>
/// </remarks>
/// <example>
/// <para>Certificates that expire within 30 days, the first first</para>
/// <code>Get-CdfCertificate -ExpiresWithin 30d | Select-Object Things, NotAfter, DaysLeft</code>
/// </example>
/// <example>
/// <para>Certificates that no thing has</para>
/// <code>Get-CdfCertificate -NotAttached -Status ACTIVE</code>
/// </example>
/// <example>
/// <para>The certificates of a device</para>
/// <code>Get-CdfCertificate -ThingName sensor-1</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "CdfCertificate", DefaultParameterSetName = "Filter")]
[OutputType(typeof(DeviceCertificate))]
public sealed partial class GetCdfCertificateCommand : CdfCmdlet
{
    private CertificateService? _certificates;
    private IDeviceRegistry? _registry;

    /// <summary>Ids, or patterns of ids, of certificates.</summary>
    [Parameter(ParameterSetName = "Filter", Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("CertificateId")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = ["*"];

    /// <summary>The names, or patterns of names, of the things whose certificates are wanted.</summary>
    [Parameter(ParameterSetName = "Thing", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ThingNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] ThingName { get; set; } = [];

    /// <summary>Only those that were registered with this CA.</summary>
    [Parameter(ParameterSetName = "Filter")]
    [ArgumentCompleter(typeof(CaIdCompleter))]
    [ValidatePattern("^[0-9a-fA-F]{64}$")]
    public string? CaId { get; set; }

    /// <summary>Only those of this status.</summary>
    [Parameter]
    [ValidateSet("ACTIVE", "INACTIVE", "REVOKED", "PENDING_TRANSFER", "PENDING_ACTIVATION", "REGISTER_INACTIVE")]
    public string? Status { get; set; }

    /// <summary>Only those that are no longer valid after this time: a time span, or such as 30d, 12h, 2w. With 0d, those that have expired.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? ExpiresWithin { get; set; }

    /// <summary>Only those that are attached to no thing.</summary>
    [Parameter(ParameterSetName = "Filter")]
    public SwitchParameter NotAttached { get; set; }

    private CertificateFilter Filter => new()
    {
        Status = Status?.ToUpperInvariant(),
        CaId = CaId?.ToLowerInvariant(),
        ExpiresBefore = ExpiresWithin is { } span ? DateTimeOffset.UtcNow + span : null,
        NotAttached = NotAttached,
    };

    private protected override async Task BeginAsync(CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(cancellationToken);
        _certificates = connection.Certificates;
        _registry = connection.Registry;
        if (!_certificates.IsIndexed && (ExpiresWithin is not null || NotAttached))
            WriteVerbose("AWS IoT's listings do not say when a certificate expires or which thing has it: each is asked for.");
    }

    private protected override Task ProcessAsync(CancellationToken cancellationToken) => ParameterSetName == "Thing"
        ? ForEachMatchAsync(ThingName, prefix => _registry!.NamesAsync(NamedResource.Thing, prefix, cancellationToken), name => WriteOfThingAsync(name, cancellationToken))
        : ForEachAsync(Id, id => WriteAsync(id, cancellationToken));

    private async Task WriteOfThingAsync(string thingName, CancellationToken cancellationToken)
    {
        var filter = Filter;
        foreach (var certificate in await _certificates!.OfThingAsync(thingName, cancellationToken))
        {
            if ((filter.Status is null || certificate.Status == filter.Status) && (filter.ExpiresBefore is null || certificate.NotAfter < filter.ExpiresBefore))
                WriteObject(certificate);
        }
    }

    private async Task WriteAsync(string id, CancellationToken cancellationToken)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(id))
        {
            WriteObject(await _certificates!.GetAsync(id.ToLowerInvariant(), cancellationToken));
            return;
        }

        var pattern = WildcardPattern.Get(id, WildcardOptions.IgnoreCase);
        var prefix = HexadecimalDigits().Match(id).Value.ToLowerInvariant();
        await foreach (var certificate in _certificates!.FindAsync(Filter with { IdPrefix = prefix.Length > 0 ? prefix : null }, cancellationToken))
        {
            if (pattern.IsMatch(certificate.CertificateId))
                WriteObject(certificate);
        }
    }

    [GeneratedRegex("^[0-9a-fA-F]{0,64}")]
    private static partial Regex HexadecimalDigits();
}
