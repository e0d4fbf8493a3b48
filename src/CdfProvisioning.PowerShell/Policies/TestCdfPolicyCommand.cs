using System.Management.Automation;
using System.Net;
using CdfProvisioning.Devices;
using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Policies;

namespace CdfProvisioning.PowerShell;

/// <summary>Tells whether the policies of a device allow it an action, and which statement decides.</summary>
/// <remarks>
/// <para>
/// What counts are the policies attached to the device's certificate, to the groups of its thing and to the groups above
/// them, with their policy variables and conditions. One record is given for each certificate of a thing.
/// </para>
/// <para>On AWS the policies are read from there and judged here, by the rules that AWS documents.</para>
/// </remarks>
/// <example>
/// <para>May a sensor publish its readings?</para>
/// <code>Test-CdfPolicy sensor-1 -Action iot:Publish -Topic sensors/sensor-1/data</code>
/// </example>
/// <example>
/// <para>Why can it not connect? See every statement that was looked at</para>
/// <code>(Test-CdfPolicy sensor-1 -Action iot:Connect).StatementsLookedAt</code>
/// </example>
/// <example>
/// <para>Which things may not subscribe to their commands?</para>
/// <code>Get-CdfThing | ForEach-Object { Test-CdfPolicy $_.ThingName -Action iot:Subscribe -Topic "commands/$($_.ThingName)/#" } | Where-Object -not Allowed</code>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "CdfPolicy", DefaultParameterSetName = "Topic")]
[OutputType(typeof(PolicyTestResult), typeof(bool))]
public sealed class TestCdfPolicyCommand : CdfCmdlet
{
    /// <summary>The names of the things, or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ThingNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] ThingName { get; set; } = [];

    /// <summary>The action, such as iot:Publish; iot: may be left out.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ArgumentCompleter(typeof(PolicyActionCompleter))]
    [ValidateNotNullOrEmpty]
    public string Action { get; set; } = string.Empty;

    /// <summary>The topic of iot:Publish, iot:Receive and iot:RetainPublish, or the topic filter of iot:Subscribe. Not needed for iot:Connect.</summary>
    [Parameter(Position = 2, ParameterSetName = "Topic")]
    [ValidateNotNullOrEmpty]
    public string? Topic { get; set; }

    /// <summary>The ARN of what the action is done to.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Resource")]
    [ValidateNotNullOrEmpty]
    public string? Resource { get; set; }

    /// <summary>The client id with which the device connects; the thing's name if not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ClientId { get; set; }

    /// <summary>The address from which the device connects, for policies that look at it.</summary>
    [Parameter]
    [ValidateNotNull]
    public IPAddress? SourceIp { get; set; }

    /// <summary>Answers only true or false: whether every certificate of every thing may do it.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private bool _isAllowed = true;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(cancellationToken);
        var action = Action.Contains(':', StringComparison.Ordinal) ? Action : $"iot:{Action}";
        await ForEachMatchAsync(
            ThingName,
            prefix => connection.Registry.NamesAsync(NamedResource.Thing, prefix, cancellationToken),
            async name =>
            {
                var succeeded = false;
                try
                {
                    await foreach (var result in PolicyTest.OfThingAsync(
                        connection.Registry, name, ClientId, action, ResourceOf(connection.Info, action, name), new PolicyTestContext(SourceIp), cancellationToken))
                    {
                        succeeded = true;
                        _isAllowed &= result.Allowed;
                        if (!Quiet)
                            WriteObject(result);
                    }
                }
                finally
                {
                    _isAllowed &= succeeded;
                }
            });
    }

    private protected override Task EndAsync(CancellationToken cancellationToken)
    {
        if (Quiet)
            WriteObject(_isAllowed);
        return Task.CompletedTask;
    }

    private string ResourceOf(ConnectionInfo info, string action, string thingName)
    {
        if (Resource is not null)
            return Resource;
        var resources = new PolicyResources(Arn.Prefix(info.Region, info.AccountId));
        if (action.Equals(PolicyActions.Connect, StringComparison.OrdinalIgnoreCase))
            return resources.Client(ClientId ?? thingName);
        return Topic is null
            ? throw CdfErrorCode.InvalidRequest.Error($"On what? {action} needs a topic (-Topic) or the ARN of another resource (-Resource).")
            : resources.Of(action, Topic) ?? throw CdfErrorCode.InvalidRequest.Error($"{action} is not about topics: give the ARN of its resource (-Resource).");
    }
}
