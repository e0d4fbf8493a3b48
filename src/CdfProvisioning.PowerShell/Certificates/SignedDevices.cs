using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning.PowerShell;

/// <summary>Devices that are registered from a template, each with a certificate that a CA elsewhere has signed.</summary>
internal sealed class SignedDevices
{
    private readonly Connection _connection;
    private readonly string _templateId;
    private readonly ProvisioningTemplate _template;
    private readonly CdfProvisioningParameters? _cdf;
    private readonly string? _caPem;
    private readonly ListColumns _columns;
    private Dictionary<string, GivenParameters>? _rows;

    private SignedDevices(Connection connection, string templateId, ProvisioningTemplate template, CdfProvisioningParameters? cdf, string? caPem)
    {
        (_connection, _templateId, _template, _cdf, _caPem) = (connection, templateId, template, cdf, caPem);
        _columns = new ListColumns(new RowTemplates(template), cdf, map: null, DeviceFiles.CertificateParameter(template), "ThingName");
    }

    /// <exception cref="CdfException">NotFound, InvalidTemplate; InvalidRequest: the template takes no certificate.</exception>
    public static async ValueTask<SignedDevices> OpenAsync(Connection connection, string templateId, string status, string? caPem, CancellationToken cancellationToken)
    {
        var template = await connection.Things.CompileAsync(templateId, groupPath: null, cancellationToken);
        return new(connection, templateId, template, template.Cdf.RegisterDeviceCertificateWithoutCA ? new() { CertificateStatus = status } : null, caPem);
    }

    /// <summary>What there is to say of the list's columns.</summary>
    public IEnumerable<string> TakeWarnings() => _columns.TakeWarnings();

    /// <summary>Reads the list that has the devices' parameters.</summary>
    public async ValueTask ReadAsync(string path, CancellationToken cancellationToken)
    {
        _rows = [];
        await foreach (var row in new DeviceListReader().ReadFileAsync(path, cancellationToken))
        {
            var named = await _columns.NameAsync((GivenParameters)row);
            if (_template.FindThingName(named) is { } name)
                _rows[name] = named;
        }
    }

    /// <summary>Finds out, without changing anything, whether a device can be registered.</summary>
    /// <exception cref="CdfException">RegistrationFailed: it cannot.</exception>
    public async ValueTask CheckAsync(string thingName, string pem, CancellationToken cancellationToken)
    {
        var plan = await _connection.Things.PlanAsync(await RequestAsync(thingName, pem), cancellationToken);
        if (plan.Problems is { Count: > 0 } problems)
            throw CdfErrorCode.RegistrationFailed.Error($"The registration of thing '{thingName}' would fail: {string.Join(' ', problems)}");
    }

    public async ValueTask RegisterAsync(string thingName, string pem, CancellationToken cancellationToken) =>
        await _connection.Things.ProvisionAsync(await RequestAsync(thingName, pem), cancellationToken);

    private async ValueTask<ProvisionRequest> RequestAsync(string thingName, string pem)
    {
        var parameters = _rows is null ? await _columns.NameAsync(new() { ["ThingName"] = thingName })
            : _rows.GetValueOrDefault(thingName) ?? throw CdfErrorCode.NotFound.Error($"The list has no row for thing '{thingName}'.");
        var with = new Dictionary<string, string>(parameters) { [DeviceFiles.CertificateParameter(_template)] = pem };
        if (_caPem is not null && new ParameterNames(_template, common: null).Find("CaCertificatePem") is { } ca)
            with[ca] = _caPem;
        return _template.FindThingName(with) == thingName
            ? new ProvisionRequest(_templateId, with, _cdf)
            : throw CdfErrorCode.InvalidRequest.Error($"Template '{_templateId}' does not name the thing '{thingName}' by its parameter ThingName: give the list that has its parameters (-ListPath).");
    }
}
