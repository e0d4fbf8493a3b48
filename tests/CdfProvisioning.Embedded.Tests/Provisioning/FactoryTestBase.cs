using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>A factory of the test's own.</summary>
public abstract class FactoryTestBase : IAsyncLifetime
{
    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected Factory Factory { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Factory = await Factory.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await Factory.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected ValueTask<ProvisionPlan> PlanAsync(ProvisionRequest request) => Factory.Connection.Things.PlanAsync(request, Cancellation);

    /// <summary>A request by a template with a thing.</summary>
    /// <param name="properties">The thing's, beside its name; JSON.</param>
    /// <param name="overrides">Its override settings; JSON.</param>
    /// <param name="more">The other resources; JSON.</param>
    /// <param name="thingName">Its name.</param>
    private protected Task<ProvisionRequest> RequestAsync(string properties, string? overrides = null, string? more = null, string thingName = "a") => Factory.RequestAsync(
        $$"""
        {
          "Parameters": { "ThingName": { "Type": "String" }, "CSR": { "Type": "String" } },
          "Resources": {
            "thing": {
              "Type": "AWS::IoT::Thing",
              "Properties": { "ThingName": { "Ref": "ThingName" }{{(properties.Length > 0 ? ", " + properties : "")}} }
              {{(overrides is null ? "" : $$""", "OverrideSettings": { {{overrides}} }""")}}
            }
            {{(more is null ? "" : ", " + more)}}
          }
        }
        """,
        thingName);
}
