using CdfProvisioning.Server.Aws.S3;
using Xunit;

namespace CdfProvisioning.Tests.Aws.S3;

public sealed class S3AddressTests
{
    [Theory]
    [InlineData("lists.localhost", "lists")]
    [InlineData("Lists.LOCALHOST", "lists")]
    [InlineData("lists.s3.us-east-1.amazonaws.com", "lists")]
    [InlineData("a.b.s3-eu-west-1.amazonaws.com", "a.b")]
    [InlineData("localhost", null)]
    [InlineData("s3.localhost", null)]
    [InlineData("evillocalhost", null)]
    [InlineData("lists.localhost.evil.example", null)]
    [InlineData("127.0.0.1", null)]
    public void A_bucket_is_named_by_its_host_under_localhost_or_S3s(string host, string? bucket) => Assert.Equal(bucket, S3Address.BucketOfHost(host));
}
