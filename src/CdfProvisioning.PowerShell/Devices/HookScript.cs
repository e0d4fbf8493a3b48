using System.Collections;
using System.Management.Automation;
using CdfProvisioning.Server.Devices;
using PowerShellEngine = System.Management.Automation.PowerShell;

namespace CdfProvisioning.PowerShell;

/// <summary>Runs a script block as a pre-provisioning hook, each time in a runspace of its own, since the session's may be busy.</summary>
internal sealed class HookScript(ScriptBlock script)
{
    private readonly string _script = script.ToString();

    public async Task<PreProvisioningAnswer> AskAsync(PreProvisioningEvent asked, CancellationToken cancellationToken)
    {
        using var engine = PowerShellEngine.Create();
        engine.AddScript(_script).AddArgument(ToObject(asked));
        await using var cancellation = cancellationToken.Register(() => engine.BeginStop(null, null));
        PSDataCollection<PSObject> output;
        try
        {
            output = await Task.Factory.FromAsync(engine.BeginInvoke(), engine.EndInvoke);
        }
        catch (PipelineStoppedException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (RuntimeException e)
        {
            throw CdfErrorCode.AccessDenied.Error($"The pre-provisioning hook failed: {e.Message}", e);
        }

        if (output.LastOrDefault() is not { } answer || Member(answer, "allowProvisioning") is not { } allowed)
            throw CdfErrorCode.AccessDenied.Error("The pre-provisioning hook did not answer whether to allow it: it has to answer @{ allowProvisioning = $true } or $false.");
        // A text such as 'false' would be true.
        if ((allowed is PSObject wrapped ? wrapped.BaseObject : allowed) is not bool isAllowed)
            throw CdfErrorCode.AccessDenied.Error($"The pre-provisioning hook answered allowProvisioning = '{allowed}', which is neither $true nor $false.");
        var overrides = Member(answer, "parameterOverrides");
        return new(isAllowed, overrides is null ? new Dictionary<string, string>() : Texts(overrides));
    }

    private static PSObject ToObject(PreProvisioningEvent asked)
    {
        var parameters = new PSObject();
        foreach (var (name, value) in asked.Parameters)
            parameters.Properties.Add(new PSNoteProperty(name, value));
        var result = new PSObject();
        result.Properties.Add(new PSNoteProperty("claimCertificateId", asked.ClaimCertificateId));
        result.Properties.Add(new PSNoteProperty("certificateId", asked.CertificateId));
        result.Properties.Add(new PSNoteProperty("certificatePem", asked.CertificatePem));
        result.Properties.Add(new PSNoteProperty("templateArn", asked.TemplateArn));
        result.Properties.Add(new PSNoteProperty("clientId", asked.ClientId));
        result.Properties.Add(new PSNoteProperty("parameters", parameters));
        return result;
    }

    private static object? Member(PSObject answer, string name) => answer.BaseObject is IDictionary dictionary
        ? dictionary.Keys.Cast<object>().FirstOrDefault(k => name.Equals(k as string, StringComparison.OrdinalIgnoreCase)) is { } key ? dictionary[key] : null
        : answer.Properties[name]?.Value;

    private static Dictionary<string, string> Texts(object overrides) => (overrides is PSObject { BaseObject: IDictionary inner } ? inner : overrides) switch
    {
        IDictionary dictionary => dictionary.Keys.Cast<object>().ToDictionary(k => k.ToString()!, k => LanguagePrimitives.ConvertTo<string>(dictionary[k])),
        var other => PSObject.AsPSObject(other).Properties.ToDictionary(p => p.Name, p => LanguagePrimitives.ConvertTo<string>(p.Value)),
    };
}
