using System.Runtime.CompilerServices;
using CdfProvisioning.Hierarchies;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Aws.Templates;

/// <summary>Assignments as objects beside the templates.</summary>
internal sealed class S3AssignmentStore(S3Bucket bucket, string prefix = "") : ITemplateAssignmentStore
{
    public async IAsyncEnumerable<TemplateAssignment> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var key in bucket.KeysAsync(prefix + AssignmentKey.Prefix, cancellationToken))
            if (await bucket.FindAsync(key, known: null, cancellationToken) is { } found && AssignmentKey.Read(key, found.Text) is { } assignment)
                yield return assignment;
    }

    public ValueTask PutAsync(TemplateAssignment assignment, CancellationToken cancellationToken) =>
        bucket.PutAsync(KeyOf(assignment), AssignmentKey.Write(assignment), cancellationToken);

    public ValueTask<bool> RemoveAsync(TemplateAssignment assignment, CancellationToken cancellationToken) =>
        bucket.RemoveAsync(KeyOf(assignment), cancellationToken);

    private string KeyOf(TemplateAssignment assignment)
    {
        TemplateId.Check(assignment.TemplateId);
        return prefix + AssignmentKey.Of(assignment);
    }
}
