using Amazon.Runtime;
using Amazon.RuntimeDependencies;
using Amazon.SecurityToken;
using Amazon.SSO;
using Amazon.SSOOIDC;

namespace CdfProvisioning.Aws.Credentials;

/// <summary>
/// Hands the SDK the clients that its credential chain would look for by reflection: it would find those of any other module
/// in the process, which are not of our types.
/// </summary>
internal static class SdkDependencies
{
    private static readonly Lazy<bool> Registered = new(() =>
    {
        var registry = GlobalRuntimeDependencyRegistry.Instance;
        registry.RegisterSSOClient(context => new AmazonSSOClient(new AnonymousAWSCredentials(), context.SSOClientContextData.Region));
        registry.RegisterSSOOIDCClient(context => new AmazonSSOOIDCClient(new AnonymousAWSCredentials(), context.SSOOIDCClientContextData.Region));

        // For web identities, which need no credentials. To assume a role the client would need the source's, which the context lacks.
        registry.RegisterSecurityTokenServiceClient(context =>
            context.SecurityTokenServiceClientContextData.Action == SecurityTokenServiceClientContext.ActionContext.AssumeRoleAWSCredentials
                ? null!
                : new AmazonSecurityTokenServiceClient(new AnonymousAWSCredentials(), context.SecurityTokenServiceClientContextData.Region));
        return true;
    });

    public static void Register() => _ = Registered.Value;
}
