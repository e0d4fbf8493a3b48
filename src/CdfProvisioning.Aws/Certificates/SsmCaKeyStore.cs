using Amazon.Runtime;
using Amazon.SimpleSystemsManagement;
using Amazon.SimpleSystemsManagement.Model;
using CdfProvisioning.Aws.Client;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Aws.Certificates;

/// <summary>CA keys as encrypted parameters <c>cdf-ca-key-&lt;caId&gt;</c> of Systems Manager, where the original service has them.</summary>
internal sealed class SsmCaKeyStore(IAmazonSimpleSystemsManagement ssm) : ICaKeyStore
{
    private readonly AwsFailures _failures = new(AwsService.Ssm, (ClientConfig)ssm.Config);

    public async ValueTask<string?> FindAsync(string caId, CancellationToken cancellationToken)
    {
        try
        {
            var found = await DoAsync(
                "GetParameter", ssm.GetParameterAsync(new GetParameterRequest { Name = NameOf(caId), WithDecryption = true }, cancellationToken), cancellationToken);
            return found.Parameter.Value;
        }
        catch (ParameterNotFoundException)
        {
            return null;
        }
    }

    public async ValueTask PutAsync(string caId, string privateKeyPem, CancellationToken cancellationToken)
    {
        var request = new PutParameterRequest { Name = NameOf(caId), Value = privateKeyPem, Type = ParameterType.SecureString, Overwrite = true };
        await DoAsync("PutParameter", ssm.PutParameterAsync(request, cancellationToken), cancellationToken);
    }

    public async ValueTask RemoveAsync(string caId, CancellationToken cancellationToken)
    {
        try
        {
            await DoAsync("DeleteParameter", ssm.DeleteParameterAsync(new DeleteParameterRequest { Name = NameOf(caId) }, cancellationToken), cancellationToken);
        }
        catch (ParameterNotFoundException)
        {
            // Removed is removed.
        }
    }

    private static string NameOf(string caId)
    {
        IotNames.CheckCertificateId(caId);
        return $"cdf-ca-key-{caId}";
    }

    private async Task<T> DoAsync<T>(string action, Task<T> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call;
        }
        catch (Exception e) when (e is not ParameterNotFoundException && AwsFailures.IsFailure(e, cancellationToken))
        {
            throw _failures.Translate(e, action);
        }
    }
}
