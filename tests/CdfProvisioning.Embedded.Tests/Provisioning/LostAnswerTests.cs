using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>What the user of AWS sees whose template needs no more than RegisterThing, when its answer is lost.</summary>
public sealed class LostAnswerTests
{
    private const string Template = """
        {
          "Parameters": { "ThingName": { "Type": "String" }, "CSR": { "Type": "String" } },
          "Resources": {
            "device": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" } } },
            "identity": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateSigningRequest": { "Ref": "CSR" } } },
            "permissions": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "sensors" } }
          }
        }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_device_that_was_registered_without_an_answer_is_answered_as_any_other()
    {
        await using var factory = await Factory.OpenAsync();
        var expected = await factory.ProvisionAsync(Template, "a");
        var request = await factory.RequestAsync(Template, "b");

        var response = await factory.ServiceOver(LosesOneAnswer(factory)).ProvisionAsync(request, Cancellation);

        var principal = Assert.Single((await factory.InvokeAsync(new ListThingPrincipalsRequest("b"))).Principals!);
        Assert.Equal(principal, response.ResourceArns["identity"]);
        Assert.Equal(expected.ResourceArns["device"].Replace("thing/a", "thing/b", StringComparison.Ordinal), response.ResourceArns["device"]);
        Assert.Equal(expected.ResourceArns.Keys.Order(), response.ResourceArns.Keys.Order());
        Assert.Equal(
            (await factory.InvokeAsync(new DescribeCertificateRequest(Arn.CertificateId(principal)!))).CertificateDescription!.CertificatePem, response.CertificatePem);
    }

    [Fact]
    public async Task A_device_that_is_not_registered_is_an_error()
    {
        await using var factory = await Factory.OpenAsync();
        await factory.ProvisionAsync(Template, "a"); // with another certificate than it is given now
        var request = await factory.RequestAsync(Template, "a");
        var registry = new UnreliableRegistry(factory.Connection.Registry) { LosesCall = request => request is RegisterThingRequest ? Lost("The network is down.") : null };

        var error = await Assert.ThrowsAsync<CdfException>(async () => await factory.ServiceOver(registry).ProvisionAsync(request, Cancellation));

        Assert.Equal("The network is down.", error.Message);
    }

    [Fact]
    public async Task While_it_cannot_be_found_out_the_error_is_that_of_the_registration()
    {
        await using var factory = await Factory.OpenAsync();
        var request = await factory.RequestAsync(Template, "a");
        var registry = LosesOneAnswer(factory);
        registry.LosesCall = _ => registry.Calls > 1 ? Lost("The network is down.") : null;

        var error = await Assert.ThrowsAsync<CdfException>(async () => await factory.ServiceOver(registry).ProvisionAsync(request, Cancellation));

        Assert.Equal("The answer is lost.", error.Message);
    }

    private static UnreliableRegistry LosesOneAnswer(Factory factory)
    {
        var registry = new UnreliableRegistry(factory.Connection.Registry);
        registry.LosesAnswer = _ => registry.Calls == 1 ? Lost("The answer is lost.") : null;
        return registry;
    }

    private static CdfException Lost(string how) => IotErrorType.ServiceUnavailable.Error(how);
}
