using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>A plan says yes where the registration succeeds and nowhere else, and what it shows is there afterwards: whatever is there, whatever the template.</summary>
public sealed class PlanAgreesWithRunTests
{
    [Fact]
    public async Task Of_one_device()
    {
        await using var factory = await Factory.OpenAsync();
        await using var check = await PlanCheck.OpenAsync(factory);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(200),
            Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => check.RunAsync(seed)));
        check.AssertBothHappened();
    }
}
