using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Registry;

public sealed class PrincipalTests : RegistryTestBase
{
    [Fact]
    public async Task Things_and_certificates_find_each_other()
    {
        var (one, two) = (await Registry.CreateCertificateAsync(), await Registry.CreateCertificateAsync());
        await InvokeAsync(new CreateThingRequest("s-1"));
        await InvokeAsync(new CreateThingRequest("s-2"));
        await InvokeAsync(new AttachThingPrincipalRequest("s-1", one));
        await InvokeAsync(new AttachThingPrincipalRequest("s-1", one));
        await InvokeAsync(new AttachThingPrincipalRequest("s-2", one));
        await InvokeAsync(new AttachThingPrincipalRequest("s-1", two, "EXCLUSIVE_THING"));

        Assert.Equal([one, two], (await InvokeAsync(new ListThingPrincipalsRequest("s-1"))).Principals!);
        Assert.Equal(["s-1", "s-2"], (await InvokeAsync(new ListPrincipalThingsRequest(one))).Things!);
        Assert.Equal(
            [new(one, "NON_EXCLUSIVE_THING"), new(two, "EXCLUSIVE_THING")], (await InvokeAsync(new ListThingPrincipalsV2Request("s-1"))).ThingPrincipalObjects!);
        Assert.Equal([new(two, "EXCLUSIVE_THING")], (await InvokeAsync(new ListThingPrincipalsV2Request("s-1", ThingPrincipalType: "EXCLUSIVE_THING"))).ThingPrincipalObjects!);
        Assert.Equal([new("s-1", "EXCLUSIVE_THING")], (await InvokeAsync(new ListPrincipalThingsV2Request(two))).PrincipalThingObjects!);
        Assert.Empty((await InvokeAsync(new ListPrincipalThingsV2Request(two, ThingPrincipalType: "NON_EXCLUSIVE_THING"))).PrincipalThingObjects!);

        await InvokeAsync(new DetachThingPrincipalRequest("s-1", one));
        await InvokeAsync(new DetachThingPrincipalRequest("s-1", one));
        Assert.Equal(["s-2"], (await InvokeAsync(new ListPrincipalThingsRequest(one))).Things!);
    }

    [Fact]
    public async Task An_exclusive_certificate_has_one_thing()
    {
        var (shared, exclusive) = (await Registry.CreateCertificateAsync(), await Registry.CreateCertificateAsync());
        await InvokeAsync(new CreateThingRequest("s-1"));
        await InvokeAsync(new CreateThingRequest("s-2"));
        await InvokeAsync(new AttachThingPrincipalRequest("s-1", exclusive, "EXCLUSIVE_THING"));
        await RefusedAsync("InvalidRequestException", new AttachThingPrincipalRequest("s-2", exclusive));
        await InvokeAsync(new AttachThingPrincipalRequest("s-1", shared));
        await RefusedAsync("InvalidRequestException", new AttachThingPrincipalRequest("s-2", shared, "EXCLUSIVE_THING"));
        await InvokeAsync(new DetachThingPrincipalRequest("s-1", exclusive));
        await InvokeAsync(new AttachThingPrincipalRequest("s-2", exclusive));
    }

    [Fact]
    public async Task What_does_not_exist_is_not_found()
    {
        var certificate = await Registry.CreateCertificateAsync();
        await InvokeAsync(new CreateThingRequest("s-1"));
        var error = await RefusedAsync("ResourceNotFoundException", new ListThingPrincipalsRequest("nothing"));
        Assert.Equal("Failed to list principals for thing nothing because the thing does not exist in your account", error.Message);
        await RefusedAsync("ResourceNotFoundException", new AttachThingPrincipalRequest("nothing", certificate));
        await RefusedAsync("ResourceNotFoundException", new AttachThingPrincipalRequest("s-1", $"{TestRegistry.Arn}:cert/{new string('0', 64)}"));
        await RefusedAsync("InvalidRequestException", new AttachThingPrincipalRequest("s-1", $"{TestRegistry.Arn}:cert/0"));
        await RefusedAsync("InvalidRequestException", new AttachThingPrincipalRequest("s-1", "us-east-1:cognito"));
        await RefusedAsync("InvalidRequestException", new AttachThingPrincipalRequest("s-1", certificate, "SOMETIMES"));
    }

    [Theory]
    [InlineData(null, "123456789012.iot.us-east-1.localhost")]
    [InlineData("iot:Data-ATS", "123456789012-ats.iot.us-east-1.localhost")]
    [InlineData("iot:CredentialProvider", "123456789012.credentials.iot.us-east-1.localhost")]
    [InlineData("iot:Jobs", "123456789012.jobs.iot.us-east-1.localhost")]
    public async Task An_endpoint_is_on_this_machine(string? type, string address) =>
        Assert.Equal(address, (await InvokeAsync(new DescribeEndpointRequest(type))).EndpointAddress);
}
