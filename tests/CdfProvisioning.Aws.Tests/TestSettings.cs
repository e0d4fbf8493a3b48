using Amazon.Runtime;

namespace CdfProvisioning.Aws.Tests;

internal static class TestSettings
{
    public const string AccessKey = "AKIDEXAMPLE";
    public const string SecretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    public static AwsSettings For(ScriptedServer server, TimeSpan? timeout = null) => For(server.Url, timeout);

    public static AwsSettings For(Uri url, TimeSpan? timeout = null) =>
        new("eu-west-1", new SessionAWSCredentials(AccessKey, SecretKey, "the-session-token"), url, timeout);
}
