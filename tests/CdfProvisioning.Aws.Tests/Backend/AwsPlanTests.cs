using FsCheck;
using FsCheck.Fluent;

namespace CdfProvisioning.Aws.Tests.Backend;

/// <summary>A plan on AWS says yes where the registration succeeds and nowhere else, and what it shows is there afterwards.</summary>
public sealed class AwsPlanTests
{
    [Fact]
    public async Task A_plan_agrees_with_the_registration_of_one_device()
    {
        await using var factory = await AwsAccount.OpenFactoryAsync();
        await using var check = await PlanCheck.OpenAsync(factory);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(60),
            Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => check.RunAsync(seed)));
        check.AssertBothHappened();
    }

    [Fact]
    public async Task A_plan_agrees_with_the_registration_of_a_list()
    {
        await using var factory = await AwsAccount.OpenFactoryAsync();
        await using var check = await PlanCheck.OpenAsync(factory);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(20),
            Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => check.RunListAsync(seed, sharePolicy: true)));
    }
}
