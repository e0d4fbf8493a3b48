using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Iot;

public sealed class AwsRegionsTests
{
    public static TheoryData<string> Made => ["", "mars-north-1", "us-north-9x", "us-east", "US-EAST-1", "us-east-1\n", "../us-east-1", "us-east-1/..", "xx-fake-1", "eu-moon-1", "buckets", "us-east-0"];

    [Fact]
    public void Every_region_of_AWS_is_one_and_has_the_form_of_one()
    {
        foreach (var region in AwsRegions.All)
        {
            AwsRegions.Check(region);
            AwsRegions.CheckForm(region);
        }
    }

    [Theory, MemberData(nameof(Made))]
    public void A_made_up_region_is_refused_by_name(string region)
    {
        Assert.Contains("AWS has no region", Assert.Throws<CdfException>(() => AwsRegions.Check(region)).Message);
        Assert.Throws<CdfException>(() => AwsRegions.CheckForm(region));
    }

    [Theory]
    [InlineData("ap-southeast-9")]
    [InlineData("us-gov-central-1")]
    public void A_region_that_AWS_may_open_one_day_has_the_form_of_one_but_is_none_of_the_embedded_registrys(string region)
    {
        AwsRegions.CheckForm(region);
        Assert.Throws<CdfException>(() => AwsRegions.Check(region));
    }
}
