using System.Management.Automation;
using System.Reflection;
using CdfProvisioning.Aws.Credentials;

namespace CdfProvisioning.PowerShell;

/// <summary>
/// What AWS.Tools.Common has stored in the session ($StoredAWSRegion and $StoredAWSCredentials), without depending on it:
/// its types are those of another copy of the AWS SDK than ours.
/// </summary>
internal sealed class AwsSession(PSCmdlet cmdlet)
{
    public string? Region => cmdlet.GetVariableValue("StoredAWSRegion") is { } region ? PSObject.AsPSObject(region).BaseObject as string : null;

    /// <summary>Null if the session has stored no credentials. They are asked for each time, since they expire and are renewed.</summary>
    public Func<AwsKeys>? Keys
    {
        get
        {
            if (cmdlet.GetVariableValue("StoredAWSCredentials") is null || cmdlet.InvokeCommand.GetCommand("Get-AWSCredential", CommandTypes.All) is null)
                return null;
            var stored = cmdlet.InvokeCommand.InvokeScript("Get-AWSCredential").FirstOrDefault()?.BaseObject;
            return stored is null ? null : () => KeysOf(stored);
        }
    }

    private static readonly string[] Variables = ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_REGION", "AWS_DEFAULT_REGION"];

    /// <summary>The environment variables by which AWS's own tools would find AWS.</summary>
    public static string VariablesInEnvironment() => string.Join(
        " and ",
        Variables.Where(name => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name))));

    private static AwsKeys KeysOf(object stored)
    {
        try
        {
            var keys = stored.GetType().GetMethod("GetCredentials", Type.EmptyTypes)!.Invoke(stored, null)!;
            return new AwsKeys(Text(keys, "AccessKey")!, Text(keys, "SecretKey")!, Text(keys, "Token") is { Length: > 0 } token ? token : null);
        }
        catch (TargetInvocationException e)
        {
            throw CdfErrorCode.AccessDenied.Error(
                $"The credentials of this session cannot be used: {e.InnerException!.Message} Set them anew (Set-AWSCredential), and connect again (Connect-Cdf).", e);
        }
    }

    private static string? Text(object keys, string property) => keys.GetType().GetProperty(property)?.GetValue(keys) as string;
}
