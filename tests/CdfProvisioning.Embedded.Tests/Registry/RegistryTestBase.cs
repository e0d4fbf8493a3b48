using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Registry;

/// <summary>Tests that each have a registry of their own.</summary>
public abstract class RegistryTestBase : IAsyncLifetime
{
    private TestRegistry? _registry;

    private protected TestRegistry Registry => _registry!;

    private protected virtual RegistrySettings? Settings => null;

    public async ValueTask InitializeAsync() => _registry = await TestRegistry.OpenAsync(Settings);

    public async ValueTask DisposeAsync()
    {
        await Registry.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected Task<T> InvokeAsync<T>(IIotRequest<T> request) => Registry.InvokeAsync(request);

    private protected Task<CdfException> RefusedAsync<T>(string errorType, IIotRequest<T> request) => Registry.RefusedAsync(errorType, request);

    private protected static AttributePayload Attributes(params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        var all = new Dictionary<string, string>();
        foreach (var (name, value) in attributes)
            all.Add(name, value);
        return new(all);
    }
}
