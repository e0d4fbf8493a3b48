using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Tasks;

/// <summary>What lists do beyond their template: new certificates for old ones, and things that are to be as a list says.</summary>
public sealed class ReplacedCertificateTests : WorkshopTestBase
{
    [Fact]
    public async Task A_new_certificate_has_the_policies_and_the_other_things_of_the_one_that_it_replaces()
    {
        await Workshop.RunAsync("own-ca", "device-1");
        var old = Assert.Single(await PrincipalsAsync("device-1"));
        await Workshop.Registry.InvokeAsync(new CreateThingRequest("second"), Cancellation);
        await Workshop.Registry.InvokeAsync(new AttachThingPrincipalRequest("second", old), Cancellation);
        foreach (var policy in new[] { "connect", "publish" })
        {
            await Workshop.Registry.InvokeAsync(new CreatePolicyRequest(policy, Make.PolicyDocument($"iot:{policy}")), Cancellation);
            await Workshop.Registry.InvokeAsync(new AttachPolicyRequest(policy, old), Cancellation);
        }

        var task = await Workshop.WaitAsync(await Workshop.StartRotationAsync("own-ca", "device-1"));

        Assert.Equal((BulkRegistrationStatus.Completed, 1), (task.Status, task.SuccessCount));
        var made = Assert.Single(await PrincipalsAsync("device-1"), arn => arn != old);
        Assert.Contains(made, await PrincipalsAsync("second"));
        var policies = await Workshop.Registry.AttachedPoliciesAsync(made, Cancellation).Select(p => p.PolicyName).ToListAsync(Cancellation);
        Assert.Equal(["connect", "publish"], policies.Order());
    }

    [Fact]
    public async Task A_certificate_that_went_before_its_turn_is_not_replaced_and_nothing_is_left_of_the_new_one()
    {
        await Workshop.RunAsync("own-ca", "device-1");
        var old = Assert.Single(await PrincipalsAsync("device-1"));
        var id = old[(old.LastIndexOf('/') + 1)..];
        await using var other = await Workshop.OpenAsync(Folder.Path);
        other.HoldCaUp();
        var held = await other.StartRotationAsync("own-ca", "device-1");
        await Workshop.Registry.InvokeAsync(new UpdateCertificateRequest(id, CertificateStatus.Inactive), Cancellation);
        await Workshop.Registry.InvokeAsync(new DetachThingPrincipalRequest("device-1", old), Cancellation);
        await Workshop.Registry.InvokeAsync(new DeleteCertificateRequest(id), Cancellation);
        other.LetCaSign();

        var task = await other.WaitAsync(held);

        Assert.Equal((0, 1), (task.SuccessCount, task.FailureCount));
        Assert.Contains("is gone", Assert.Single(await other.ResultsAsync(task)).Error, StringComparison.Ordinal);
        Assert.Empty(await PrincipalsAsync("device-1"));
        Assert.Equal(0, await Workshop.CountAsync("certificate"));
    }

    [Fact]
    public async Task A_thing_that_is_to_be_as_a_list_says_comes_into_its_billing_group()
    {
        foreach (var group in new[] { "plant-1", "plant-2" })
            await Workshop.Registry.InvokeAsync(new CreateBillingGroupRequest(group), Cancellation);
        PutTemplate("plant-1");
        await Workshop.SynchronizeAsync("billed", ["new", "there"]);
        PutTemplate("plant-2");
        await Workshop.Registry.InvokeAsync(new CreateThingRequest("in-none"), Cancellation);

        var counts = await Workshop.SynchronizeAsync("billed", ["there", "in-none"]);

        Assert.Equal(2, counts.ChangedCount);
        Assert.Equal("plant-2", (await Workshop.Registry.InvokeAsync(new DescribeThingRequest("there"), Cancellation)).BillingGroupName);
        Assert.Equal("plant-2", (await Workshop.Registry.InvokeAsync(new DescribeThingRequest("in-none"), Cancellation)).BillingGroupName);
        Assert.Equal("plant-1", (await Workshop.Registry.InvokeAsync(new DescribeThingRequest("new"), Cancellation)).BillingGroupName);
    }

    private void PutTemplate(string billingGroup) => File.WriteAllText(Folder.File("billed.json"), $$"""
        {
          "Parameters": { "ThingName": { "Type": "String" } },
          "Resources": { "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" }, "BillingGroup": "{{billingGroup}}" } } }
        }
        """);

    private async Task<List<string>> PrincipalsAsync(string thingName) =>
        (await Workshop.Registry.InvokeAsync(new ListThingPrincipalsRequest(thingName), Cancellation)).Principals!.ToList();
}
