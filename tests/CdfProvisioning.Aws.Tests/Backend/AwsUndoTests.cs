namespace CdfProvisioning.Aws.Tests.Backend;

/// <summary>Through AWS's protocol.</summary>
public sealed class AwsUndoTests : UndoTestBase
{
    internal override Task<Factory> OpenAsync() => AwsAccount.OpenFactoryAsync();
}
