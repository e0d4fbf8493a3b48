using System.Runtime.CompilerServices;
using CdfProvisioning.Bulk;

namespace CdfProvisioning.PowerShell;

internal static class BulkRegistrationIds
{
    public static async IAsyncEnumerable<string> IdsAsync(
        this BulkRegistrationService service, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var task in await service.ListAsync(cancellationToken))
            yield return task.TaskId;
    }
}
