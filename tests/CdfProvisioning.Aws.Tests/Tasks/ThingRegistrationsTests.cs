using CdfProvisioning.Aws.Tasks;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Aws.Tests.Tasks;

public sealed class ThingRegistrationsTests
{
    private const string Role = "arn:aws:iam::123456789012:role/bulk";

    [Theory]
    [InlineData("Unable to assume role.", true)]
    [InlineData("User is not authorized to pass the Role", true)]
    [InlineData("The input file cannot be read", false)]
    [InlineData(null, false)]
    public void A_role_that_AWS_cannot_assume_is_named_with_what_it_needs(string? message, bool isAdvised)
    {
        var task = ThingRegistrations.Foreign(new DescribeThingRegistrationTaskResponse(
            "t", null, null, null, null, null, Role, "Failed", message, 0, 0, 0));

        Assert.Equal(isAdvised, task.Message?.Contains($"{Role} has to trust iot.amazonaws.com", StringComparison.Ordinal) == true);
        Assert.StartsWith(message?.TrimEnd('.') ?? "", task.Message ?? "", StringComparison.Ordinal);
    }
}
