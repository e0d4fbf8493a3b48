namespace CdfProvisioning.Tests.Provisioning;

/// <summary>On the embedded registry, its transactions hidden.</summary>
public sealed class UndoTests : UndoTestBase
{
    internal override Task<Factory> OpenAsync() => Factory.OpenAsync();
}
